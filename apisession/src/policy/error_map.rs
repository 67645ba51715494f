//! The default meaning of each status, and the maps by which authors change it.

use std::fmt::Display;

use http::StatusCode;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, status_text};
use crate::message::Response;

/// The meaning of an error status: its kind, and whether a retry can succeed.
///
/// What a rule does not set is inherited from the maps of outer levels, and then from the base map.
///
/// ```
/// use apisession::{ErrorKind, Rule};
///
/// let moving = Rule::kind(ErrorKind::Locked).retryable(true);
/// # let _ = moving;
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Rule {
    means: Option<Means>,
    pub(crate) retryable: Option<Retryable>,
    pub(crate) message: Option<Message>,
    pub(crate) expired: Option<Expired>,
    /// Whether a map lists the status.
    named: bool,
    /// Whether a map takes the place of the base map.
    is_bare: bool,
}

/// What a rule makes of a status.
#[derive(Clone, Copy, Debug)]
enum Means {
    Error(ErrorKind),
    Success,
}

/// Finds the message in an error response.
type Message = fn(&Response) -> Option<String>;

/// Whether an error means that the credential is no longer accepted.
type Expired = fn(&Error) -> bool;

/// Whether a retry can succeed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Retryable {
    /// By the status alone.
    Fixed(bool),
    /// By the whole response.
    When(fn(&Error) -> bool),
}

impl Retryable {
    pub(crate) fn of(self, error: &Error) -> bool {
        match self {
            Self::Fixed(retryable) => retryable,
            Self::When(retryable) => retryable(error),
        }
    }
}

impl Rule {
    /// Creates a rule that sets the kind of a status.
    ///
    /// A status that means [`ErrorKind::TooManyRequests`] means that the server did not process the request. So even a write is
    /// retried after it.
    #[must_use]
    pub fn kind(kind: ErrorKind) -> Self {
        Self { means: Some(Means::Error(kind)), ..Self::default() }
    }

    /// Creates a rule that makes a status a success, whose response is checked and decoded as any other. A redirect that is followed
    /// stays one.
    ///
    /// Of a success, [`retryable_when`](Self::retryable_when) and [`expired_when`](Self::expired_when) are asked if
    /// [`resp_error_check`](trait@crate::APISession#method.resp_error_check) finds an error in it.
    ///
    /// ```
    /// use apisession::{ErrorKind, ErrorMap, Rule};
    ///
    /// // This vendor returns 409 with the event if it exists already, and some of its errors inside a 200.
    /// let map = ErrorMap::new()
    ///     .status(409, Rule::success())
    ///     .status(200, Rule::success().retryable_when(|error| error.kind() == ErrorKind::ServiceUnavailable));
    /// # let _ = map;
    /// ```
    #[must_use]
    pub fn success() -> Self {
        Self { means: Some(Means::Success), ..Self::default() }
    }

    /// Sets whether a retry can succeed. A request is retried only if that is safe as well.
    ///
    /// Default: by the status, and it can after [`ErrorKind::TooManyRequests`]. An error that `resp_error_check` finds in a
    /// [success](Self::success) is retried only if this or [`retryable_when`](Self::retryable_when) is set.
    #[must_use]
    pub fn retryable(mut self, retryable: bool) -> Self {
        self.retryable = Some(Retryable::Fixed(retryable));
        self
    }

    /// Sets the function that detects whether a retry can succeed after a response, for a status with several meanings.
    ///
    /// It takes the place of [`retryable`](Self::retryable), and the last of the two applies. Statuses in
    /// [`retry_on`](crate::Settings::retry_on) are retried whatever it returns.
    ///
    /// ```
    /// use apisession::{ErrorKind, ErrorMap, Rule};
    ///
    /// // This vendor also returns 429 for a request that is too large.
    /// let busy = Rule::kind(ErrorKind::TooManyRequests)
    ///     .retryable_when(|error| error.body().is_none_or(|body| !body.starts_with(b"{\"code\":\"too_large\"")));
    /// let map = ErrorMap::new().status(429, busy);
    /// # let _ = map;
    /// ```
    #[must_use]
    pub fn retryable_when(mut self, retryable: fn(&Error) -> bool) -> Self {
        self.retryable = Some(Retryable::When(retryable));
        self
    }

    /// Sets the function that finds the message in the response.
    ///
    /// If it returns `None`, the message is taken from the document if it is a [`Problem`](crate::Problem) or a similar one, from a
    /// short text, or from the title of a page. Control characters of the message are escaped, and the secrets of the request are
    /// masked. On a restricted path, only what this function returns is shown, such as why a password is refused.
    #[must_use]
    pub fn message(mut self, message: fn(&Response) -> Option<String>) -> Self {
        self.message = Some(message);
        self
    }

    /// Decodes the body as `T`, and uses its `Display` as the message. [`Error::body_as`] returns the decoded body.
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

    /// Sets the function that detects whether a response means that the session's credential is no longer accepted.
    ///
    /// The session then signs in again, once per call, and sends the request once more. So such a response must mean
    /// that the request was not processed. Default: a 401 means this, and no other status does.
    ///
    /// ```
    /// use apisession::{ErrorKind, ErrorMap, Rule};
    ///
    /// // This vendor returns 400 with `{"code":"token_expired"}`.
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

    /// Whether the rule sets nothing.
    fn is_empty(&self) -> bool {
        let Self { means, retryable, message, expired, named, is_bare } = self;
        means.is_none() && retryable.is_none() && message.is_none() && expired.is_none() && !named && !is_bare
    }

    /// This rule, overridden by the rule of a nearer level.
    pub(crate) fn overlaid(self, nearer: &Self) -> Self {
        if nearer.is_bare {
            return *nearer;
        }
        Self {
            means: nearer.means.or(self.means),
            retryable: nearer.retryable.or(self.retryable),
            message: nearer.message.or(self.message),
            expired: nearer.expired.or(self.expired),
            named: nearer.named || self.named,
            is_bare: self.is_bare,
        }
    }

    /// The meaning of an error of GraphQL whose code the rule is for, and which without it means `otherwise`.
    pub(crate) fn meaning_of_code(self, otherwise: Meaning) -> Meaning {
        let (kind, by_default) = match self.means {
            Some(Means::Error(kind)) => (kind, Retryable::Fixed(kind == ErrorKind::TooManyRequests)),
            Some(Means::Success) | None => (otherwise.kind, otherwise.retryable),
        };
        Meaning { kind, retryable: self.retryable.unwrap_or(by_default) }
    }

    /// The meaning of a response with `status`; `None` for a success.
    pub(crate) fn meaning(self, status: StatusCode) -> Option<Meaning> {
        let kind = match self.means {
            Some(Means::Success) => return None,
            Some(Means::Error(kind)) => kind,
            None if status.is_success() && !self.named => return None,
            None => base(status),
        };
        let is_known = !self.is_bare && RETRYABLE.contains(&status.as_u16());
        let by_default = is_known || kind == ErrorKind::TooManyRequests;
        Some(Meaning { kind, retryable: self.retryable.unwrap_or(Retryable::Fixed(by_default)) })
    }
}

/// Changes the meaning of statuses that the base map defines.
///
/// The base map has every error status of RFC 9110, and those of related standards (see [`ErrorKind`]). A status that
/// is listed here is an error, even if it is a success in the base map, except by [`Rule::success`].
///
/// ```
/// use apisession::{ErrorKind, ErrorMap, Rule};
///
/// // This vendor returns 403 for "slow down", and 202 for a job that was refused.
/// let map = ErrorMap::new()
///     .status(403, Rule::kind(ErrorKind::TooManyRequests))
///     .status(202, Rule::kind(ErrorKind::Conflict));
/// # let _ = map;
/// ```
#[derive(Clone, Debug, Default)]
pub struct ErrorMap {
    rules: Vec<(u16, Rule)>,
    codes: Vec<(&'static str, Rule)>,
    default_rule: Rule,
    is_bare: bool,
}

impl ErrorMap {
    /// Creates a map that changes nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a map that takes the place of the base map, and of the maps of outer levels.
    ///
    /// A status that it does not list is a success from 200 to 299, and otherwise an error with the kind of its class, such as
    /// [`ErrorKind::OtherClientError`], after which no retry can succeed. So is one whose rule does not set the kind. A 401 still means
    /// that the credential has expired, unless a rule sets [`Rule::expired_when`]. Failures without a response are not affected.
    ///
    /// ```
    /// use apisession::{ErrorKind, ErrorMap, Rule};
    ///
    /// // This vendor has three statuses, and 500 is for good.
    /// let map = ErrorMap::bare()
    ///     .status(400, Rule::kind(ErrorKind::BadRequest))
    ///     .status(404, Rule::kind(ErrorKind::NotFound))
    ///     .status(503, Rule::kind(ErrorKind::ServiceUnavailable).retryable(true));
    /// # let _ = map;
    /// ```
    #[must_use]
    pub fn bare() -> Self {
        Self { is_bare: true, ..Self::default() }
    }

    /// Sets the meaning of `status`. The last rule for a status applies.
    #[must_use]
    pub fn status(mut self, status: u16, rule: Rule) -> Self {
        self.rules.retain(|(other, _)| *other != status);
        self.rules.push((status, Rule { named: true, ..rule }));
        self
    }

    /// Sets the meaning of an error of GraphQL with this code. The last rule for a code applies, and of several errors the first whose
    /// code has one. Default: [`ErrorKind::GraphQl`], or the kind of an error status, after which no retry can succeed.
    ///
    /// ```
    /// use apisession::{ErrorKind, ErrorMap, Rule};
    ///
    /// let map = ErrorMap::new()
    ///     .code("THROTTLED", Rule::kind(ErrorKind::TooManyRequests))
    ///     .code("UNAUTHENTICATED", Rule::kind(ErrorKind::Unauthorized).expired_when(|_| true));
    /// # let _ = map;
    /// ```
    #[must_use]
    pub fn code(mut self, code: &'static str, rule: Rule) -> Self {
        self.codes.retain(|(other, _)| *other != code);
        self.codes.push((code, rule));
        self
    }

    /// Whether the map changes nothing.
    pub(crate) fn is_empty(&self) -> bool {
        let Self { rules, codes, default_rule, is_bare } = self;
        rules.is_empty() && codes.is_empty() && default_rule.is_empty() && !is_bare
    }

    /// The rule of this map for a code.
    pub(crate) fn rule_of_code(&self, code: &str) -> Option<Rule> {
        self.codes.iter().find(|(other, _)| *other == code).map(|(_, rule)| *rule)
    }

    /// Sets the function that finds the message in an error response, for all statuses whose rule sets none.
    ///
    /// See [`Rule::message`].
    #[must_use]
    pub fn message(mut self, message: fn(&Response) -> Option<String>) -> Self {
        self.default_rule = self.default_rule.message(message);
        self
    }

    /// Decodes the bodies of all errors as `T`, and uses its `Display` as the message, for all statuses whose rule sets
    /// no message.
    ///
    /// See [`Rule::body`].
    #[must_use]
    pub fn body<T: DeserializeOwned + Display>(mut self) -> Self {
        self.default_rule = self.default_rule.body::<T>();
        self
    }

    /// The rule of this map for a status.
    pub(crate) fn rule(&self, status: StatusCode) -> Rule {
        let named = self.rules.iter().find(|(other, _)| *other == status).map(|(_, rule)| rule);
        let rule = named.map_or(self.default_rule, |rule| self.default_rule.overlaid(rule));
        if self.is_bare { class_rule(status).overlaid(&rule) } else { rule }
    }
}

/// Returns an error with the kind of `status`, for code that no longer has the response.
pub fn of_status(status: u16) -> Error {
    let status = StatusCode::from_u16(status).unwrap_or_default();
    Error::new(base(status), status_text(status))
}

/// The meaning of an error status after all maps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meaning {
    pub(crate) kind: ErrorKind,
    pub(crate) retryable: Retryable,
}

/// The base map: RFC 9110 §15, RFC 6585, RFC 4918, RFC 7725, RFC 8470, RFC 2295, RFC 2774, and 418 and 420, which
/// vendors use.
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

/// The statuses after which a retry can succeed.
const RETRYABLE: &[u16] = &[408, 420, 429, 500, 502, 503, 504];

fn base(status: StatusCode) -> ErrorKind {
    let status = status.as_u16();
    let named = TABLE.iter().find(|(other, _)| *other == status).map(|(_, kind)| *kind);
    named.unwrap_or_else(|| class(status))
}

/// The kind of an error status by its class.
fn class(status: u16) -> ErrorKind {
    match status {
        300..400 => ErrorKind::Redirect,
        400..500 => ErrorKind::OtherClientError,
        500..600 => ErrorKind::OtherServerError,
        _ => ErrorKind::UnexpectedStatus,
    }
}

/// The rule for a status in place of the base map.
fn class_rule(status: StatusCode) -> Rule {
    let means = if status.is_success() { Means::Success } else { Means::Error(class(status.as_u16())) };
    Rule { means: Some(means), is_bare: true, ..Rule::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(map: &ErrorMap, status: u16) -> Option<(ErrorKind, bool)> {
        let status = StatusCode::from_u16(status).unwrap();
        let meaning = map.rule(status).meaning(status)?;
        Some((meaning.kind, meaning.retryable.of(&Error::new(meaning.kind, ""))))
    }

    #[test]
    fn the_base_map_has_all_statuses_of_restfly_1_and_2() {
        let named = (400..=418).chain([420]).chain(421..=426).chain([428, 429, 431, 451]).chain(500..=508);
        for status in named.chain([510, 511]) {
            let (kind, _) = meaning(&ErrorMap::new(), status).unwrap();
            let is_general = matches!(kind, ErrorKind::OtherClientError | ErrorKind::OtherServerError);
            assert!(!is_general, "{status} has only a general kind");
        }
    }

    #[test]
    fn a_status_outside_the_table_has_the_kind_of_its_class() {
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
    fn a_rule_inherits_what_it_does_not_set() {
        let map = ErrorMap::new()
            .status(404, Rule::default().retryable(true))
            .status(202, Rule::kind(ErrorKind::Conflict))
            .status(503, Rule::kind(ErrorKind::Locked));
        assert_eq!(meaning(&map, 404), Some((ErrorKind::NotFound, true)));
        assert_eq!(meaning(&map, 202), Some((ErrorKind::Conflict, false)));
        assert_eq!(meaning(&map, 503), Some((ErrorKind::Locked, true)));
        assert_eq!(meaning(&map, 200), None);
        let outer = Rule::default().retryable_when(|_| false);
        let status = StatusCode::TOO_MANY_REQUESTS;
        let of = |rule: Rule| {
            let meaning = rule.meaning(status).unwrap();
            meaning.retryable.of(&Error::new(meaning.kind, ""))
        };
        assert!(!of(outer) && of(outer.overlaid(&Rule::default().retryable(true))));
        assert!(!of(Rule::default().retryable(true).overlaid(&outer)));
    }
}
