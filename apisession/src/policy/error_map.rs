//! What each status means before an author says otherwise, and how authors do.

use std::fmt::Display;

use http::StatusCode;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind};
use crate::message::Response;

/// What an error status means: its kind, and whether trying again can help.
///
/// A rule says only what differs from the base map; what it leaves out stays as it was.
///
/// ```
/// use apisession::{ErrorKind, Rule};
///
/// let busy = Rule::kind(ErrorKind::TooManyRequests).retryable(true);
/// # let _ = busy;
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Rule {
    kind: Option<ErrorKind>,
    retryable: Option<bool>,
    pub(crate) message: Option<Message>,
    pub(crate) expired: Option<Expired>,
    /// Whether a map names the status.
    named: bool,
}

/// Finds the message in an error answer.
type Message = fn(&Response) -> Option<String>;

/// Whether an error says that the credential is not accepted any more.
type Expired = fn(&Error) -> bool;

impl Rule {
    /// A rule that gives a status its kind.
    #[must_use]
    pub fn kind(kind: ErrorKind) -> Self {
        Self { kind: Some(kind), ..Self::default() }
    }

    /// Says whether another attempt can help, where a repetition is safe.
    #[must_use]
    pub fn retryable(mut self, retryable: bool) -> Self {
        self.retryable = Some(retryable);
        self
    }

    /// Says how to find the message in the answer; `None` is what [`Problem`](crate::Problem) documents and their
    /// kin are asked for. It is shown with control characters escaped, and not at all on a restricted path.
    #[must_use]
    pub fn message(mut self, message: fn(&Response) -> Option<String>) -> Self {
        self.message = Some(message);
        self
    }

    /// Says that the body is a `T`, whose `Display` is the message. [`Error::body_as`] gives it.
    ///
    /// ```
    /// use apisession::{ErrorKind, ErrorMap, Rule};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Fault {
    ///     code: u32,
    /// }
    ///
    /// impl std::fmt::Display for Fault {
    ///     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    ///         write!(f, "fault {}", self.code)
    ///     }
    /// }
    ///
    /// let map = ErrorMap::new().status(418, Rule::kind(ErrorKind::Conflict).body::<Fault>());
    /// # let _ = map;
    /// ```
    #[must_use]
    pub fn body<T: DeserializeOwned + Display>(self) -> Self {
        self.message(|response| response.json::<T>().ok().map(|body| body.to_string()))
    }

    /// Says when an answer means that the session's credential is not accepted any more, so that the session signs in again, once
    /// per call, and sends the request once more: the request must not have been processed. By default that is what a 401
    /// means, and nothing else.
    ///
    /// ```
    /// use apisession::{ErrorKind, ErrorMap, Rule};
    ///
    /// // This vendor answers 400 with `{"code":"token_expired"}`.
    /// let expired = Rule::kind(ErrorKind::Unauthorized)
    ///     .expired_when(|error| error.body().is_some_and(|body| body.starts_with(b"{\"code\":\"token_expired\"")));
    /// let map = ErrorMap::new().status(400, expired);
    /// # let _ = map;
    /// ```
    #[must_use]
    pub fn expired_when(mut self, expired: fn(&Error) -> bool) -> Self {
        self.expired = Some(expired);
        self
    }

    /// The rule under a nearer one.
    pub(crate) fn overlaid(self, nearer: &Self) -> Self {
        Self {
            kind: nearer.kind.or(self.kind),
            retryable: nearer.retryable.or(self.retryable),
            message: nearer.message.or(self.message),
            expired: nearer.expired.or(self.expired),
            named: nearer.named || self.named,
        }
    }

    /// What an answer with `status` is: `None` for a success.
    pub(crate) fn meaning(self, status: StatusCode) -> Option<Meaning> {
        if status.is_success() && !self.named {
            return None;
        }
        let base = base(status);
        Some(Meaning {
            kind: self.kind.unwrap_or(base.kind),
            retryable: self.retryable.unwrap_or(base.retryable),
        })
    }
}

/// The author's view of the vendor's statuses, laid over the base map.
///
/// The base map knows every status of RFC 9110 and its neighbors (see [`ErrorKind`]). A status that
/// is named here is an error even where the base map calls it a success.
///
/// ```
/// use apisession::{ErrorKind, ErrorMap, Rule};
///
/// // This vendor answers 403 with "slow down", and 202 when a job was refused.
/// let map = ErrorMap::new()
///     .status(403, Rule::kind(ErrorKind::TooManyRequests).retryable(true))
///     .status(202, Rule::kind(ErrorKind::Conflict));
/// # let _ = map;
/// ```
#[derive(Clone, Debug, Default)]
pub struct ErrorMap {
    rules: Vec<(u16, Rule)>,
    others: Rule,
}

impl ErrorMap {
    /// A map that changes nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says what `status` means; the last rule for a status stands.
    #[must_use]
    pub fn status(mut self, status: u16, rule: Rule) -> Self {
        self.rules.retain(|(other, _)| *other != status);
        self.rules.push((status, Rule { named: true, ..rule }));
        self
    }

    /// Says how to find the message in the answers of all error statuses whose rule doesn't say it itself.
    #[must_use]
    pub fn message(mut self, message: fn(&Response) -> Option<String>) -> Self {
        self.others = self.others.message(message);
        self
    }

    /// Says that the bodies of all errors are `T`s, whose `Display` is the message, where a rule doesn't say
    /// otherwise.
    #[must_use]
    pub fn body<T: DeserializeOwned + Display>(mut self) -> Self {
        self.others = self.others.body::<T>();
        self
    }

    /// What this map says of a status.
    pub(crate) fn rule(&self, status: StatusCode) -> Rule {
        let named = self.rules.iter().find(|(other, _)| *other == status).map(|(_, rule)| rule);
        named.map_or(self.others, |rule| self.others.overlaid(rule))
    }
}

/// The error that a status alone stands for, where the answer's own was let go.
pub fn of_status(status: u16) -> Error {
    let status = StatusCode::from_u16(status).unwrap_or_default();
    Error::new(base(status).kind, status.to_string())
}

/// What an error status means once all maps were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) kind: ErrorKind,
    pub(crate) retryable: bool,
}

/// The base map: RFC 9110 §15, RFC 6585, RFC 4918, RFC 7725, RFC 8470, RFC 2295 and 2774, and 418 and 420
/// as vendors use them.
const TABLE: &[(u16, ErrorKind)] = &[
    (400, ErrorKind::BadRequest),
    (401, ErrorKind::Unauthorized),
    (402, ErrorKind::PaymentRequired),
    (403, ErrorKind::Forbidden),
    (404, ErrorKind::NotFound),
    (405, ErrorKind::MethodNotAllowed),
    (406, ErrorKind::NotAcceptable),
    (407, ErrorKind::ProxyAuthenticationRequired),
    (408, ErrorKind::RequestTimeout),
    (409, ErrorKind::Conflict),
    (410, ErrorKind::Gone),
    (411, ErrorKind::LengthRequired),
    (412, ErrorKind::PreconditionFailed),
    (413, ErrorKind::ContentTooLarge),
    (414, ErrorKind::UriTooLong),
    (415, ErrorKind::UnsupportedMediaType),
    (416, ErrorKind::RangeNotSatisfiable),
    (417, ErrorKind::ExpectationFailed),
    (418, ErrorKind::ImATeapot),
    (420, ErrorKind::TooManyRequests),
    (421, ErrorKind::MisdirectedRequest),
    (422, ErrorKind::UnprocessableContent),
    (423, ErrorKind::Locked),
    (424, ErrorKind::FailedDependency),
    (425, ErrorKind::TooEarly),
    (426, ErrorKind::UpgradeRequired),
    (428, ErrorKind::PreconditionRequired),
    (429, ErrorKind::TooManyRequests),
    (431, ErrorKind::HeaderFieldsTooLarge),
    (451, ErrorKind::UnavailableForLegalReasons),
    (500, ErrorKind::InternalServerError),
    (501, ErrorKind::NotImplemented),
    (502, ErrorKind::BadGateway),
    (503, ErrorKind::ServiceUnavailable),
    (504, ErrorKind::GatewayTimeout),
    (505, ErrorKind::HttpVersionNotSupported),
    (506, ErrorKind::VariantAlsoNegotiates),
    (507, ErrorKind::InsufficientStorage),
    (508, ErrorKind::LoopDetected),
    (510, ErrorKind::NotExtended),
    (511, ErrorKind::NetworkAuthenticationRequired),
];

/// The statuses after which another attempt can help.
const RETRYABLE: &[u16] = &[408, 420, 429, 500, 502, 503, 504];

fn base(status: StatusCode) -> Meaning {
    let status = status.as_u16();
    let named = TABLE.iter().find(|(other, _)| *other == status).map(|(_, kind)| *kind);
    let kind = named.unwrap_or(match status {
        300..400 => ErrorKind::Redirect,
        400..500 => ErrorKind::OtherClientError,
        500..600 => ErrorKind::OtherServerError,
        _ => ErrorKind::UnexpectedStatus,
    });
    Meaning { kind, retryable: RETRYABLE.contains(&status) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(map: &ErrorMap, status: u16) -> Option<(ErrorKind, bool)> {
        let status = StatusCode::from_u16(status).unwrap();
        let meaning = map.rule(status).meaning(status)?;
        Some((meaning.kind, meaning.retryable))
    }

    #[test]
    fn the_base_map_covers_what_restfly_1_and_2_name() {
        let named = (400..=418).chain([420]).chain(421..=426).chain([428, 429, 431, 451]).chain(500..=508);
        for status in named.chain([510, 511]) {
            let (kind, _) = meaning(&ErrorMap::new(), status).unwrap();
            let general = matches!(kind, ErrorKind::OtherClientError | ErrorKind::OtherServerError);
            assert!(!general, "{status} has no kind of its own");
        }
    }

    #[test]
    fn statuses_outside_the_table_fall_into_their_class() {
        let rows = [
            (199, Some(ErrorKind::UnexpectedStatus)),
            (200, None),
            (204, None),
            (299, None),
            (304, Some(ErrorKind::Redirect)),
            (430, Some(ErrorKind::OtherClientError)),
            (520, Some(ErrorKind::OtherServerError)),
            (799, Some(ErrorKind::UnexpectedStatus)),
        ];
        for (status, expected) in rows {
            assert_eq!(meaning(&ErrorMap::new(), status).map(|(kind, _)| kind), expected, "{status}");
        }
    }

    #[test]
    fn a_rule_changes_only_what_it_names() {
        let map = ErrorMap::new()
            .status(404, Rule::default().retryable(true))
            .status(202, Rule::kind(ErrorKind::Conflict))
            .status(503, Rule::kind(ErrorKind::Locked));
        assert_eq!(meaning(&map, 404), Some((ErrorKind::NotFound, true)));
        assert_eq!(meaning(&map, 202), Some((ErrorKind::Conflict, false)));
        assert_eq!(meaning(&map, 503), Some((ErrorKind::Locked, true)));
        assert_eq!(meaning(&map, 200), None);
    }
}
