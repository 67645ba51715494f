//! A connection, which closes itself when it has been idle for as long as its server has announced to keep it.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use hyper_util::client::legacy::connect::{Connected, Connection as HasInfo};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::transport::tls::BoxIo;

/// An open connection.
pub(super) struct Connection {
    io: BoxIo,
    /// Whether requests on it are for a proxy, and so have the whole URL.
    is_forwarded: bool,
    /// Whether both sides have agreed on HTTP/2.
    is_http2: bool,
    idle: Arc<Idle>,
    timer: Option<Pin<Box<Sleep>>>,
}

/// Whether a connection is idle, as far as that can be seen from both of its ends: the socket, and the bodies of responses.
#[derive(Default)]
pub(super) struct Idle(Mutex<State>);

#[derive(Default)]
struct State {
    /// When the connection closes itself, if it is not used before.
    until: Option<Instant>,
    /// How often something was written. A request that is written before the end of the last response is noticed keeps the connection open.
    uses: u64,
    /// Whether nothing was read since something was written.
    is_waiting: bool,
    /// Whether the server has ever sent something.
    has_served: bool,
    reader: Option<Waker>,
}

impl Idle {
    /// Whether the server has ever sent something. On a connection that is new, it has not.
    pub(super) fn has_served(&self) -> bool {
        self.state().has_served
    }

    /// Lets the connection be idle for a time once the response that has arrived was read, which drops what is returned.
    pub(super) fn after_response(self: &Arc<Self>, time: Duration) -> UntilRead {
        UntilRead { uses: self.state().uses, idle: Arc::clone(self), time }
    }

    fn written(&self) {
        let mut state = self.state();
        (state.until, state.is_waiting) = (None, true);
        state.uses += 1;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the idle time of a connection when it is dropped.
pub(super) struct UntilRead {
    idle: Arc<Idle>,
    /// How often the connection was used when the response arrived.
    uses: u64,
    time: Duration,
}

impl Drop for UntilRead {
    fn drop(&mut self) {
        let mut state = self.idle.state();
        if state.uses == self.uses && !state.is_waiting {
            state.until = Some(Instant::now() + self.time);
            let reader = state.reader.take();
            drop(state);
            reader.into_iter().for_each(Waker::wake);
        }
    }
}

impl Connection {
    pub(super) fn new(io: BoxIo, is_forwarded: bool, is_http2: bool) -> Self {
        Self { io, is_forwarded, is_http2, idle: Arc::default(), timer: None }
    }
}

impl HasInfo for Connection {
    fn connected(&self) -> Connected {
        let connected = Connected::new().proxy(self.is_forwarded).extra(Arc::clone(&self.idle));
        if self.is_http2 { connected.negotiated_h2() } else { connected }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { io, idle, timer, .. } = &mut *self;
        let before = buffer.filled().len();
        let read = Pin::new(io).poll_read(context, buffer);
        let mut state = idle.state();
        if read.is_ready() {
            (state.until, state.is_waiting) = (None, false);
            state.has_served |= buffer.filled().len() > before;
            return read;
        }
        // It is woken when the idle time starts.
        state.reader.get_or_insert_with(|| context.waker().clone()).clone_from(context.waker());
        let Some(until) = state.until else { return Poll::Pending };
        drop(state);
        let timer = timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if timer.deadline() != until {
            timer.as_mut().reset(until);
        }
        ready!(timer.as_mut().poll(context));
        // The end, as if the server had closed the connection.
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.idle.written();
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.idle.written();
        Pin::new(&mut self.io).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}
