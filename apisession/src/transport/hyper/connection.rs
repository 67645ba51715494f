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
    pub(super) fn uses(&self) -> u64 {
        self.state().uses
    }

    /// Starts the idle time, unless the connection was used since it had this number of uses.
    pub(super) fn start(&self, uses: u64, time: Duration) {
        let reader = {
            let mut state = self.state();
            if state.uses != uses || state.is_waiting {
                return;
            }
            state.until = Some(Instant::now() + time);
            state.reader.take()
        };
        reader.into_iter().for_each(Waker::wake);
    }

    fn written(&self) {
        let mut state = self.state();
        (state.until, state.is_waiting) = (None, true);
        state.uses += 1;
    }

    fn read(&self, is_end: bool) {
        let mut state = self.state();
        (state.until, state.is_waiting) = (None, false);
        state.has_served |= !is_end;
    }

    /// Whether the server has ever sent something. On a connection that is new, it has not.
    pub(super) fn has_served(&self) -> bool {
        self.state().has_served
    }

    /// When the connection closes itself. The reader is woken when that changes.
    fn until(&self, reader: &Waker) -> Option<Instant> {
        let mut state = self.state();
        match &mut state.reader {
            Some(known) => known.clone_from(reader),
            None => state.reader = Some(reader.clone()),
        }
        state.until
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.io).poll_read(context, buffer);
        if read.is_ready() {
            self.idle.read(buffer.filled().len() == before);
            return read;
        }
        let Some(until) = self.idle.until(context.waker()) else { return Poll::Pending };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
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
