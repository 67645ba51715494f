//! The kinds of failure.

/// The kind of a failure: one for each error status, and one for each way in which a call fails without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument can't be sent. Nothing was sent.
    Argument,
    /// The server refused to sign in, or the `authenticate` hook failed. If its server can't be reached or is out of service, the kind
    /// is that of this failure, such as [`Connect`](Self::Connect) or [`Timeout`](Self::Timeout).
    Authentication,
    /// 502.
    BadGateway,
    /// 400.
    BadRequest,
    /// The request has to be sent again, but its body is a stream that was already read.
    BodyNotReplayable,
    /// The body of the response is larger than `max_body`.
    BodyTooLarge,
    /// What is downloaded has changed in the meantime, or the server does not go on where it was cut off, so that the rest does not belong
    /// to the bytes that were passed on.
    Changed,
    /// The configuration of the session is invalid.
    Configuration,
    /// The server's certificate has expired.
    CertificateExpired,
    /// The server's certificate is not valid yet.
    CertificateNotYetValid,
    /// The server's key is not one of the pinned keys, or not the key of an earlier connection.
    CertificateNotPinned,
    /// The server's certificate is self-signed.
    CertificateSelfSigned,
    /// The server's certificate was issued by an unknown authority.
    CertificateUnknownIssuer,
    /// The server's certificate is for another name.
    CertificateWrongName,
    /// 409.
    Conflict,
    /// No connection could be made to the server's address.
    Connect,
    /// 413.
    ContentTooLarge,
    /// The response can't be decoded as the declared type.
    Decode,
    /// What was received does not have the digest that the server announced or the caller expects.
    Digest,
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
    /// The response has errors of GraphQL whose codes no [`ErrorMap`](crate::ErrorMap::code) lists.
    GraphQl,
    /// 431.
    HeaderFieldsTooLarge,
    /// 505.
    HttpVersionNotSupported,
    /// 418.
    ImATeapot,
    /// A redirect changes the scheme from `https` to `http`.
    InsecureRedirect,
    /// 507.
    InsufficientStorage,
    /// An item of a stream is an error of the server: an in-band error, which `error` of `events(…)` or `lines(…)` names.
    InStream,
    /// 500.
    InternalServerError,
    /// A job has failed, as its state tells: one that `failed` of `poll(…)` or `wait(…)` names.
    JobFailed,
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
    /// The session is not built yet, or was dropped.
    NotBuilt,
    /// 510.
    NotExtended,
    /// 404.
    NotFound,
    /// 501.
    NotImplemented,
    /// The code of the SDK's author failed: a hook, or a hand-written method.
    Other,
    /// Any other 4xx.
    OtherClientError,
    /// Any other 5xx.
    OtherServerError,
    /// What arrives can't be written: to the file, or to the writer that the caller gave.
    Output,
    /// A page leads to a page that was there before. No request was made for it.
    PaginationLoop,
    /// 402.
    PaymentRequired,
    /// 412.
    PreconditionFailed,
    /// 428.
    PreconditionRequired,
    /// The response is not valid HTTP, or its headers are more than the transport accepts.
    Protocol,
    /// The proxy made no connection: it can't be reached, refuses the request, or does not respond as a proxy does.
    Proxy,
    /// 407, or a proxy requires another user name and password before it makes a connection.
    ProxyAuthenticationRequired,
    /// 416.
    RangeNotSatisfiable,
    /// A `rate_limit` has no slot before the deadline of the call. The attempt was not sent.
    RateLimited,
    /// A 3xx that was not followed.
    Redirect,
    /// The stream of the request's body failed, or one of its files can't be read or has changed. The request is not sent again.
    RequestBody,
    /// 408.
    RequestTimeout,
    /// 503.
    ServiceUnavailable,
    /// A time limit of the call passed, such as `timeout` or `attempt_timeout`.
    Timeout,
    /// The TLS handshake failed, for a reason other than the server's certificate.
    Tls,
    /// 425.
    TooEarly,
    /// There are more redirects than `redirects` allows.
    TooManyRedirects,
    /// 429 or 420.
    TooManyRequests,
    /// The connection failed after it was established.
    Transport,
    /// 401.
    Unauthorized,
    /// 451.
    UnavailableForLegalReasons,
    /// A status outside 200 to 599.
    UnexpectedStatus,
    /// A job has a state that its declaration does not know.
    UnknownState,
    /// 422.
    UnprocessableContent,
    /// The response has a content coding that is not built in, or more than one.
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
    /// Whether a server could not be reached, or was out of service, so that it has decided nothing about what was asked.
    pub(crate) fn is_outage(self) -> bool {
        let is_outage = matches!(
            self,
            Self::BadGateway
                | Self::Connect
                | Self::Dns
                | Self::GatewayTimeout
                | Self::InternalServerError
                | Self::OtherServerError
                | Self::Protocol
                | Self::Proxy
                | Self::ProxyAuthenticationRequired
                | Self::RateLimited
                | Self::RequestTimeout
                | Self::ServiceUnavailable
                | Self::Timeout
                | Self::TooManyRequests
                | Self::Transport
        );
        is_outage || self.is_tls()
    }

    /// Whether a retry can succeed after this failure without a response.
    pub(crate) fn is_transient(self) -> bool {
        !self.is_tls()
            && !matches!(self, Self::Protocol | Self::ProxyAuthenticationRequired | Self::RequestBody)
    }

    /// Whether it can be the failure to connect.
    pub(crate) fn is_of_connecting(self) -> bool {
        let is_of_network = matches!(
            self,
            Self::Connect | Self::Dns | Self::Proxy | Self::ProxyAuthenticationRequired | Self::Timeout
        );
        is_of_network || self.is_tls()
    }

    /// Whether a TLS connection could not be made.
    fn is_tls(self) -> bool {
        matches!(
            self,
            Self::Tls
                | Self::CertificateExpired
                | Self::CertificateNotYetValid
                | Self::CertificateNotPinned
                | Self::CertificateSelfSigned
                | Self::CertificateUnknownIssuer
                | Self::CertificateWrongName
        )
    }
}
