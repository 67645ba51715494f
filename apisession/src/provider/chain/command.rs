//! A program that prints a token.

use std::ffi::OsString;
use std::fmt;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::call::Session;
use crate::credential::{Credential, check, jwt};
use crate::encode::without_bom;
use crate::error::{Error, ErrorKind, Result};
use crate::message::blocking::off_runtime;

/// How much a program may print, in bytes.
const MAX_OUTPUT: u64 = 64 * 1024;
/// How long the end of a program that has closed its output is waited for at a time.
const POLL: Duration = Duration::from_millis(2);

/// A program with its arguments, and how long it may run.
#[derive(Clone)]
pub(super) struct TokenCommand {
    pub(super) program: OsString,
    pub(super) arguments: Vec<OsString>,
    pub(super) limit: Duration,
}

impl TokenCommand {
    /// The credential of the token that the program prints. It runs when a call needs the token.
    pub(super) fn credential(&self) -> Credential {
        let command = Arc::new(self.clone());
        Credential::provided_by(move |_: Session| {
            let command = Arc::clone(&command);
            off_runtime(move || command.run())
        })
    }

    fn run(&self) -> Result<Credential> {
        let wrong = |why: &dyn fmt::Display| {
            let message = format!("the command `{self}`, which is to print a token, {why}");
            Error::new(ErrorKind::Authentication, message)
        };
        let end = Instant::now() + self.limit;
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child =
            command.spawn().map_err(|error| wrong(&"can't be started").caused_by(error.into()))?;
        let printed = printed(&mut child, self.limit);
        if matches!(printed, Ok(None)) {
            let _ = child.kill();
            let _ = child.wait();
            return Err(wrong(&"printed more than 64 KiB"));
        }
        let is_late = matches!(printed, Err(RecvTimeoutError::Timeout));
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if !is_late && Instant::now() < end => thread::sleep(POLL),
                Ok(None) | Err(_) => break None,
            }
        };
        let Some(status) = status else {
            let _ = child.kill();
            let _ = child.wait();
            return Err(wrong(&format_args!("did not end within {:?}", self.limit)));
        };
        // What a program prints before it fails is no token.
        if !status.success() {
            return Err(wrong(&format_args!("failed: {status}; run it to see why")));
        }
        let Ok(Some(bytes)) = printed else { return Err(wrong(&"printed more than 64 KiB")) };
        let text = std::str::from_utf8(without_bom(&bytes)).map_err(|_| wrong(&"printed no UTF-8 text"))?;
        let token = text.trim();
        check::token(token).map_err(|why| wrong(&format_args!("printed a token that {why}")))?;
        let credential = Credential::bearer(token)?;
        Ok(match jwt::remaining(token) {
            Some(lifetime) => credential.expires_in(lifetime),
            None => credential,
        })
    }
}

/// What a program prints until it closes its output; `None` if that is too much. A program that it has started can keep the output
/// open, so a thread of its own reads it, which is left alone after the time.
fn printed(child: &mut Child, limit: Duration) -> Result<Option<Zeroizing<Vec<u8>>>, RecvTimeoutError> {
    let Some(output) = child.stdout.take() else { return Ok(None) };
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
        let read = output.take(MAX_OUTPUT + 1).read_to_end(&mut bytes);
        let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= MAX_OUTPUT);
        // Nobody waits for it any longer if the time is over.
        let _ = sender.send(Some(bytes).filter(|_| read.is_ok() && fits));
    });
    receiver.recv_timeout(limit)
}

/// Shows the program, not its arguments, which can be secret.
impl fmt::Display for TokenCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.program.to_string_lossy().escape_default())
    }
}
