//! What went wrong.

/// The kinds of failure: one for each error status, and one for each way a call fails without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument can't be sent; nothing was.
    Argument,
    /// The `authenticate` hook failed.
    Authentication,
    /// 502.
    BadGateway,
    /// 400.
    BadRequest,
    /// The request would have to be sent again, and its body is a stream that was begun.
    BodyNotReplayable,
    /// The body of the answer is larger than `max_body`.
    BodyTooLarge,
    /// The session can't be built as it was configured.
    Configuration,
    /// The server's certificate has expired.
    CertificateExpired,
    /// The server's certificate is not valid yet.
    CertificateNotYetValid,
    /// The server's key is none that is pinned, or not the one that was met before.
    CertificateNotPinned,
    /// The server's certificate is signed by itself.
    CertificateSelfSigned,
    /// The server's certificate is of an authority that is not known.
    CertificateUnknownIssuer,
    /// The server's certificate is for another name.
    CertificateWrongName,
    /// 409.
    Conflict,
    /// No connection could be made to the server's address.
    Connect,
    /// 413.
    ContentTooLarge,
    /// The answer is not what the operation declares.
    Decode,
    /// The name of the server can't be resolved.
    Dns,
    /// 417.
    ExpectationFailed,
    /// 424.
    FailedDependency,
    /// 403.
    Forbidden,
    /// 504.
    GatewayTimeout,
    /// 410.
    Gone,
    /// 431.
    HeaderFieldsTooLarge,
    /// 505.
    HttpVersionNotSupported,
    /// 418.
    ImATeapot,
    /// A redirect leads from `https` to `http`.
    InsecureRedirect,
    /// 507.
    InsufficientStorage,
    /// 500.
    InternalServerError,
    /// 411.
    LengthRequired,
    /// 423.
    Locked,
    /// 508.
    LoopDetected,
    /// 405.
    MethodNotAllowed,
    /// 421.
    MisdirectedRequest,
    /// 511.
    NetworkAuthenticationRequired,
    /// 406.
    NotAcceptable,
    /// The session isn't built yet, or is gone.
    NotBuilt,
    /// 510.
    NotExtended,
    /// 404.
    NotFound,
    /// 501.
    NotImplemented,
    /// The author's code failed: a hook, or a hand-written method.
    Other,
    /// A 4xx without a kind of its own.
    OtherClientError,
    /// A 5xx without a kind of its own.
    OtherServerError,
    /// 402.
    PaymentRequired,
    /// 412.
    PreconditionFailed,
    /// 428.
    PreconditionRequired,
    /// The answer breaks the rules of HTTP.
    Protocol,
    /// The proxy made no connection: it can't be reached, refuses, or does not answer as a proxy.
    Proxy,
    /// 407.
    ProxyAuthenticationRequired,
    /// 416.
    RangeNotSatisfiable,
    /// A `rate_limit` has no place in the time of the call; nothing was sent to find that out.
    RateLimited,
    /// A 3xx that is not followed.
    Redirect,
    /// 408.
    RequestTimeout,
    /// 503.
    ServiceUnavailable,
    /// A deadline of ours passed.
    Timeout,
    /// No TLS connection could be made, for another reason than the server's certificate.
    Tls,
    /// 425.
    TooEarly,
    /// There are more redirects than `redirects` allows.
    TooManyRedirects,
    /// 429, and 420.
    TooManyRequests,
    /// The connection failed after it was made.
    Transport,
    /// 401.
    Unauthorized,
    /// 451.
    UnavailableForLegalReasons,
    /// A status outside 200 to 599.
    UnexpectedStatus,
    /// 422.
    UnprocessableContent,
    /// The answer has a content coding that was not built in, or more than one.
    UnsupportedEncoding,
    /// 415.
    UnsupportedMediaType,
    /// 426.
    UpgradeRequired,
    /// 414.
    UriTooLong,
    /// 506.
    VariantAlsoNegotiates,
}

impl ErrorKind {
    /// Whether a failure without a response may not happen again.
    pub(crate) fn is_transient(self) -> bool {
        !matches!(
            self,
            Self::Protocol
                | Self::Tls
                | Self::CertificateExpired
                | Self::CertificateNotYetValid
                | Self::CertificateNotPinned
                | Self::CertificateSelfSigned
                | Self::CertificateUnknownIssuer
                | Self::CertificateWrongName
        )
    }
}
