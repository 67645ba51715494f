//! What can be tried after a failure.

use super::{Error, ErrorKind, Outcome};

impl Error {
    /// What the caller can try next, if there is something that is not in the message already.
    pub(super) fn advice(&self) -> Option<&'static str> {
        let advice = of_kind(self.kind());
        let is_in_doubt = self.outcome() == Some(Outcome::Unknown)
            && self.method().is_some_and(|method| !method.is_safe())
            && !self.is_refusal();
        match advice {
            // A failed write is looked at before anything else.
            _ if is_in_doubt && self.idempotency_key().is_some() => {
                Some("make the call again with the same idempotency key: the server processes it once")
            }
            _ if is_in_doubt => {
                Some("look up whether the server has processed the request before you make the call again")
            }
            Some(advice) => Some(advice),
            None if self.is_retryable() => Some("make the call again later; the failure can pass"),
            None => None,
        }
    }
}

fn of_kind(kind: ErrorKind) -> Option<&'static str> {
    use ErrorKind as K;
    Some(match kind {
        K::Argument => "correct the argument; nothing was sent",
        K::Authentication => "check the credential that the session signs in with",
        K::BadRequest | K::UnprocessableContent | K::PreconditionFailed | K::PreconditionRequired => {
            "correct the arguments by the message of the server; the same call fails again"
        }
        K::BodyNotReplayable => "make the call again with a new body",
        K::BodyTooLarge => "raise `max_body`, or read the response as a stream or a download",
        K::Changed => "start the download again from its beginning",
        K::Configuration | K::NotBuilt => "correct how the session is built",
        K::CertificateExpired | K::CertificateNotYetValid => {
            "check the clock of this machine, and then the certificate of the server"
        }
        K::CertificateNotPinned => "find out why the server has another key before you trust it",
        K::CertificateSelfSigned | K::CertificateUnknownIssuer => {
            "add the authority that issued the certificate to `tls`, if it is the vendor's"
        }
        K::CertificateWrongName => "check the host of the base URL",
        K::Connect | K::Dns => "check the base URL, the network and the firewall",
        K::Conflict | K::Locked => "read the current state from the server, and then decide",
        K::ContentTooLarge => "send less in one request",
        K::Decode => "compare the response with the declared type; `raw()` returns it as it is",
        K::Digest => "get the content again; what arrived is damaged",
        K::Forbidden => "ask for a credential with the permission for this call",
        K::Gone | K::NotFound => "check the identifiers in the call, and whether the credential may see them",
        K::InsecureRedirect => "use the `https` URL of the server as the base URL",
        K::MethodNotAllowed | K::NotImplemented => "check the declaration of the operation",
        K::NotAcceptable | K::UnsupportedEncoding | K::UnsupportedMediaType => {
            "check the media types of the declaration"
        }
        K::Output => "check the free space and the permissions of the target",
        K::PaginationLoop => "report it to the vendor: its pages don't end",
        K::PaymentRequired => "check the plan of the account",
        K::Protocol => "check that the base URL is that of an HTTP server, and its port",
        K::Proxy | K::ProxyAuthenticationRequired => "check the URL and the login of the proxy",
        K::RateLimited | K::TooManyRequests => {
            "make the call again after `retry_at()`, or send fewer requests"
        }
        K::Redirect | K::TooManyRedirects => {
            "check the base URL, or allow the redirect by `redirects` and `allowed_origins`"
        }
        K::RequestBody => "check the file or the stream of the body",
        K::RequestTimeout | K::Timeout => "make the call again, or raise the limit that the message names",
        K::Tls => "check the versions and certificates in `tls`, and the port of the base URL",
        K::Unauthorized => "check the credential: it may be wrong, expired or of another account",
        _ => return None,
    })
}
