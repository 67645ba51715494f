//! The table of the faults: what the server does, and what is required of a client.

use std::io::Write as _;
use std::time::Duration;

use apisession::ErrorKind;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::leaks;
use crate::server::DRIP;

/// Declares the type of the faults and the list of its values.
macro_rules! faults {
    ($count:literal: $($name:ident)*) => {
        /// A fault of a server.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the scripts describe the faults")]
        pub enum Fault {
            $($name,)*
        }

        impl Fault {
            /// All faults: the transient ones, the permanent ones, those of the client itself, and the cases without a fault.
            pub const ALL: [Self; $count] = [$(Self::$name),*];
        }
    };
}

faults! {
    43:
    CloseAtAccept RstAtAccept CloseMidRequest CloseAfterRequest RstAfterRequest StallForever SlowHeaders
    HalfStatus HalfHeaders ClShortClose ClRstMid ChunkTrunc ChunkNoEnd StallMidBody DripBody GzipTrunc
    Endless1xx Status500 Status502 Status503 Status503RetryAfter Status429 Status408 GarbageStatus Http09
    BadVersion Status099 HugeHeader Headers101 ClNegative ClDup ChunkBad GzipBad EmptyBody200 BadJson
    BadUtf8 Html200 RedirectLoop BodyFails KeyChanges KeyDrops None ClLongOk
}

/// The required result of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Required {
    /// Success, after a single attempt.
    Success,
    /// Success of a GET and of a POST with a key, after two attempts; the result of a POST without one is as given.
    Recovers(Write),
    /// Success of a GET, after two attempts. Both POSTs fail after one, and their outcome is unknown.
    RecoversReads,
    /// Success of a GET, after a single attempt. Both POSTs fail with this kind after one, and their outcome is unknown.
    FailsWrites(ErrorKind),
    /// Failure with this kind, after a single attempt.
    Fails(ErrorKind),
}

/// The required result of a POST without a key after a transient fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// It is sent again, since the response means that it was not processed.
    IsRepeated,
    /// It fails, and its outcome is unknown.
    IsUnknown,
}

/// What the code of an SDK or of its user does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// The body of a write is a stream that breaks off with the error of another call, which was not sent.
    BreaksBody,
    /// The hook before a retry sets another idempotency key.
    ChangesKey,
    /// The hook before a retry removes the idempotency key.
    DropsKey,
}

/// What a server does with one request.
#[derive(Debug)]
pub struct Script {
    /// How much of the request the server reads.
    pub reads: Reads,
    /// What the server does after that.
    pub acts: Vec<Act>,
    /// Whether the response means that the request was not processed.
    pub rejects: bool,
}

/// How much of a request a server reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// The head, without the body.
    Part,
    /// The head and the body.
    Whole,
}

/// What a correct response has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A JSON object.
    Json,
    /// An event with that object, and the one that marks the end.
    Events,
    /// A line with that object, and nothing else.
    Lines,
}

impl Form {
    /// The form that a request accepts.
    #[must_use]
    pub fn accepted(accept: &str) -> Self {
        match accept {
            "text/event-stream" => Self::Events,
            _ if accept.starts_with("application/x-ndjson") => Self::Lines,
            _ => Self::Json,
        }
    }

    /// A body with this object.
    fn body(self, object: &[u8]) -> Vec<u8> {
        match self {
            Self::Json => object.to_vec(),
            Self::Events => [b"data: ", object, b"\n\ndata: [DONE]\n\n"].concat(),
            Self::Lines => [object, b"\n"].concat(),
        }
    }

    fn content_type(self) -> Option<&'static str> {
        match self {
            Self::Json => None,
            Self::Events => Some("content-type: text/event-stream\r\n"),
            Self::Lines => Some("content-type: application/x-ndjson\r\n"),
        }
    }
}

/// A step of a script.
#[derive(Clone, Debug)]
pub enum Act {
    /// Writes this.
    Write(Vec<u8>),
    /// Writes this byte by byte, with a wait after each.
    Drip(Vec<u8>, Duration),
    /// Writes this again and again, with a wait after each.
    Forever(Vec<u8>, Duration),
    /// Closes the connection.
    Close,
    /// Resets the connection.
    Reset,
    /// Writes nothing until the client closes the connection.
    Stall,
}

impl Act {
    /// Whether this is the last step on a connection.
    #[must_use]
    pub fn ends(&self) -> bool {
        !matches!(self, Self::Write(_) | Self::Drip(..))
    }
}

impl Fault {
    /// Returns the required result of a call.
    #[must_use]
    pub fn required(self) -> Required {
        use Fault::*;
        match self {
            None | ClLongOk => Required::Success,
            Status429 => Required::Recovers(Write::IsRepeated),
            KeyChanges | KeyDrops => Required::RecoversReads,
            BodyFails => Required::FailsWrites(ErrorKind::RequestBody),
            GarbageStatus | Http09 | BadVersion | Status099 | HugeHeader | Headers101 | ClNegative
            | ClDup | ChunkBad => Required::Fails(ErrorKind::Protocol),
            GzipBad | EmptyBody200 | BadJson | BadUtf8 | Html200 => Required::Fails(ErrorKind::Decode),
            RedirectLoop => Required::Fails(ErrorKind::TooManyRedirects),
            _ => Required::Recovers(Write::IsUnknown),
        }
    }

    /// Whether the fault affects each request only once.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(self.required(), Required::Recovers(_) | Required::RecoversReads)
    }

    /// What the client does wrong, if the fault is one of the client.
    #[must_use]
    pub fn client(self) -> Option<Client> {
        match self {
            Self::BodyFails => Some(Client::BreaksBody),
            Self::KeyChanges => Some(Client::ChangesKey),
            Self::KeyDrops => Some(Client::DropsKey),
            _ => Option::None,
        }
    }

    /// Whether the fault affects a connection before its first request.
    #[must_use]
    pub fn affects_connections(self) -> bool {
        matches!(self, Self::CloseAtAccept | Self::RstAtAccept)
    }

    /// Whether only a deadline ends a call.
    #[must_use]
    pub fn hangs(self) -> bool {
        use Fault::*;
        matches!(
            self,
            StallForever | SlowHeaders | HalfStatus | HalfHeaders | StallMidBody | DripBody | Endless1xx
        )
    }

    /// Returns what the server does with the request `id`.
    #[must_use]
    pub fn script(self, id: &str, form: Form) -> Script {
        use Fault::*;
        let good = good(id, form);
        let length = good.len();
        let half = &good[..length / 2];
        let acts = match self {
            CloseAtAccept | CloseMidRequest | CloseAfterRequest | KeyChanges | KeyDrops => vec![Act::Close],
            RstAtAccept | RstAfterRequest => vec![Act::Reset],
            StallForever => vec![Act::Stall],
            SlowHeaders => vec![Act::Drip(ok("", &good), DRIP)],
            HalfStatus => vec![text("HTTP/1.1 2"), Act::Stall],
            HalfHeaders => {
                vec![text("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncont"), Act::Stall]
            }
            ClShortClose => vec![whole(200, &format!("content-length: {length}\r\n"), half), Act::Close],
            ClRstMid => vec![whole(200, &format!("content-length: {length}\r\n"), half), Act::Reset],
            ChunkTrunc => vec![chunked(&format!("{length:x}\r\n"), half), Act::Close],
            ChunkNoEnd => {
                vec![chunked(&format!("{length:x}\r\n"), &[&good, &b"\r\n"[..]].concat()), Act::Close]
            }
            StallMidBody => vec![whole(200, &format!("content-length: {length}\r\n"), half), Act::Stall],
            DripBody => {
                // A stream may be as slow as this, so it ends by a cut.
                let length = if form == Form::Json { 10_000 } else { 50 };
                let drip = Act::Drip(vec![b' '; length], DRIP);
                vec![whole(200, "content-length: 10000\r\n", b""), drip, Act::Close]
            }
            GzipTrunc => {
                let coded = gzip(&good);
                vec![Act::Write(ok("content-encoding: gzip\r\n", &coded[..coded.len() / 2]))]
            }
            Endless1xx => {
                vec![Act::Forever(b"HTTP/1.1 103 Early Hints\r\n\r\n".to_vec(), Duration::from_millis(1))]
            }
            Status500 => vec![refusal(500, "")],
            Status502 => vec![refusal(502, "")],
            Status503 => vec![refusal(503, "")],
            Status503RetryAfter => vec![refusal(503, "retry-after: 0.01\r\n")],
            Status429 => vec![refusal(429, "")],
            Status408 => vec![refusal(408, "")],
            GarbageStatus => vec![text("SSH-2.0-OpenSSH_9.2\r\n\r\n"), Act::Close],
            Http09 => vec![text("<html>hello</html>\r\n\r\n"), Act::Close],
            BadVersion => vec![text("HTTP/9.9 200 OK\r\ncontent-length: 0\r\n\r\n"), Act::Close],
            Status099 => vec![text("HTTP/1.1 099 Odd\r\ncontent-length: 0\r\n\r\n"), Act::Close],
            HugeHeader => {
                let header = format!("x-huge: {}\r\ncontent-length: 0\r\n", "h".repeat(1024 * 1024));
                vec![whole(200, &header, b""), Act::Close]
            }
            Headers101 => {
                let headers: String = (0..101).map(|n| format!("x-{n}: 1\r\n")).collect();
                vec![whole(200, &format!("{headers}content-length: 0\r\n"), b""), Act::Close]
            }
            ClNegative => vec![whole(200, "content-length: -1\r\n", b""), Act::Close],
            ClDup => vec![whole(200, "content-length: 1\r\ncontent-length: 2\r\n", b"12"), Act::Close],
            ChunkBad => vec![chunked("zz\r\n", &good), Act::Close],
            GzipBad => vec![Act::Write(ok("content-encoding: gzip\r\n", b"this is not gzip at all"))],
            EmptyBody200 => vec![Act::Write(ok("", b""))],
            BadJson => {
                let object = format!("{{\"id\": [\"{}\"}}", leaks::RESPONSE);
                vec![Act::Write(ok("", &form.body(object.as_bytes())))]
            }
            BadUtf8 => {
                let start = format!("{{\"token\":\"{}\",\"id\":\"", leaks::RESPONSE);
                let object = [start.as_bytes(), b"\xff\xfe\", \"n\": }"].concat();
                vec![Act::Write(ok("", &form.body(&object)))]
            }
            Html200 => {
                let page = format!("<!doctype html><title>Sign in with {}</title>", leaks::BEARER);
                vec![Act::Write(ok("content-type: text/html\r\n", page.as_bytes()))]
            }
            RedirectLoop => {
                let location = format!(
                    "location: /things/{id}/{}?token={}\r\ncontent-length: 0\r\n",
                    leaks::PATH,
                    leaks::QUERY
                );
                vec![whole(302, &location, b"")]
            }
            None | BodyFails => return Script::healthy(id, form),
            ClLongOk => {
                let more = [&good[..], b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nsmugg"].concat();
                vec![whole(200, &format!("content-length: {length}\r\n"), &more), Act::Close]
            }
        };
        let reads = if self == CloseMidRequest { Reads::Part } else { Reads::Whole };
        Script { reads, acts, rejects: self == Status429 }.typed(form)
    }
}

impl Script {
    /// Returns a script with a correct response.
    #[must_use]
    pub fn healthy(id: &str, form: Form) -> Self {
        let acts = vec![Act::Write(ok("", &good(id, form)))];
        Self { reads: Reads::Whole, acts, rejects: false }.typed(form)
    }

    /// Adds the type of the form to the head of a success that has none.
    fn typed(mut self, form: Form) -> Self {
        const STATUS: &[u8] = b"HTTP/1.1 200 Reason\r\n";
        if let Some(content_type) = form.content_type() {
            for act in &mut self.acts {
                if let Act::Write(bytes) | Act::Drip(bytes, _) = act
                    && let Some(rest) = bytes.strip_prefix(STATUS)
                    && !rest.windows(13).any(|window| window == b"content-type:")
                {
                    *bytes = [STATUS, content_type.as_bytes(), rest].concat();
                }
            }
        }
        self
    }

    /// Returns a script with a correct response that closes the connection, so that the next request needs a new one.
    #[must_use]
    pub fn last(id: &str, form: Form) -> Self {
        let acts = vec![Act::Write(ok("connection: close\r\n", &good(id, form))), Act::Close];
        Self { acts, ..Self::healthy(id, form) }.typed(form)
    }
}

/// Returns the body of a correct response.
fn good(id: &str, form: Form) -> Vec<u8> {
    form.body(format!("{{\"id\":\"{id}\",\"token\":\"{}\"}}", leaks::RESPONSE).as_bytes())
}

fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    message(200, &format!("{headers}content-length: {}\r\n", body.len()), body)
}

fn whole(status: u16, headers: &str, body: &[u8]) -> Act {
    Act::Write(message(status, headers, body))
}

/// An error whose message repeats the secrets of the request.
fn refusal(status: u16, headers: &str) -> Act {
    let secrets = [leaks::BEARER, leaks::API_KEY, leaks::COOKIE, leaks::QUERY, leaks::PATH].join(", ");
    let body = format!("{{\"message\":\"refused: {secrets}\",\"token\":\"{}\"}}", leaks::RESPONSE);
    whole(status, &format!("{headers}content-length: {}\r\n", body.len()), body.as_bytes())
}

fn chunked(size: &str, body: &[u8]) -> Act {
    let body = [size.as_bytes(), body].concat();
    Act::Write(message(200, "transfer-encoding: chunked\r\n", &body))
}

fn message(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status} Reason\r\nx-request-id: r-1\r\nset-cookie: sid={}\r\n{headers}\r\n",
        leaks::SET_COOKIE
    );
    [head.as_bytes(), body].concat()
}

fn text(text: &str) -> Act {
    Act::Write(text.as_bytes().to_vec())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to a `Vec` can't fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}
