//! The secrets of a call, and the search for them in what is shown.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::sync::OnceLock;

use apisession::Error;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// The token of a bearer credential.
pub const BEARER: &str = "c4n4ryBearer8Kx2";
/// The value of a header with a key.
pub const API_KEY: &str = "c4n4ryApiKey5Wq7";
/// The password of a basic or digest credential.
pub const BASIC: &str = "c4n4ryBasic3Lm9";
/// A cookie of a request.
pub const COOKIE: &str = "c4n4ryCookie6Rt1";
/// A cookie that a server sets.
pub const SET_COOKIE: &str = "c4n4rySetCookie4Jd8";
/// A token in a query.
pub const QUERY: &str = "c4n4ryQuery9Hs5";
/// The password before the host of a URL.
pub const USER_INFO: &str = "c4n4ryUserInfo2Bv6";
/// The password of a proxy.
pub const PROXY: &str = "c4n4ryProxy7Nc3";
/// A field of the body of a request.
pub const BODY: &str = "c4n4ryBody1Fg4";
/// A token in the body of a response.
pub const RESPONSE: &str = "c4n4ryResponse8Zp2";
/// The name of a file in a multipart body.
pub const FILE_NAME: &str = "c4n4ryFileName5Yk7";
/// A line of the key of a client certificate. A test that makes a key adds its lines by [`Search::also`].
pub const CLIENT_KEY: &str = "c4n4ryClientKey3Xw9";
/// A refresh token.
pub const REFRESH: &str = "c4n4ryRefresh6Qm1";
/// The secret of a client of OAuth 2.
pub const CLIENT_SECRET: &str = "c4n4ryClientSecret4Du8";
/// An argument of the type `Secret` in a path.
pub const PATH: &str = "c4n4ryPath9Ev5";
/// A basic password that the server repeats.
pub const REPEATED: &str = "c4n4ryRepeated2Ta6";

/// All of them, with their names.
pub const CANARIES: [(&str, &str); 16] = [
    ("bearer token", BEARER),
    ("key in a header", API_KEY),
    ("basic password", BASIC),
    ("cookie", COOKIE),
    ("set cookie", SET_COOKIE),
    ("token in a query", QUERY),
    ("user info", USER_INFO),
    ("proxy password", PROXY),
    ("request body", BODY),
    ("response token", RESPONSE),
    ("file name", FILE_NAME),
    ("client key", CLIENT_KEY),
    ("refresh token", REFRESH),
    ("client secret", CLIENT_SECRET),
    ("secret in a path", PATH),
    ("repeated password", REPEATED),
];

/// A search for the secrets in texts. It counts the texts.
#[derive(Clone, Default)]
pub struct Search {
    /// The forms of the secrets beside those of [`CANARIES`].
    more: Vec<Forms>,
    /// The number of texts that were searched.
    pub places: usize,
    /// Where a secret was found, with the number of times.
    pub found: BTreeMap<String, usize>,
}

impl Search {
    /// Searches for this secret as well.
    #[must_use]
    pub fn also(mut self, name: &'static str, secret: &str) -> Self {
        self.more.push((name, forms(secret)));
        self
    }

    /// Searches a text.
    pub fn text(&mut self, place: &str, text: &str) {
        self.text_but(&[], place, text);
    }

    /// Searches a text that may contain these secrets.
    pub fn text_but(&mut self, allowed: &[&str], place: &str, text: &str) {
        self.places += 1;
        let lower = text.to_lowercase();
        let is_there = |forms: &[String]| {
            forms.iter().any(|form| text.contains(form)) || lower.contains(&forms[0].to_lowercase())
        };
        let (start, canaries) = forms_of_canaries();
        let canaries = if is_there(start) { &canaries[..] } else { &[] };
        for (name, forms) in canaries.iter().chain(&self.more) {
            if is_there(forms) && !allowed.contains(name) {
                *self.found.entry(format!("{name}: {place}: {text}")).or_default() += 1;
            }
        }
    }

    /// Searches all that an error shows: each of its formats, its report, its URL, its attempts, and all of its causes.
    pub fn error(&mut self, place: &str, error: &Error) {
        self.error_texts(place, error);
        self.text(&format!("{place}: report"), &error.report());
        self.text(&format!("{place}: url"), &error.url().unwrap_or_default());
        self.debug(&format!("{place}: attempts"), &error.attempt_log());
    }

    /// Searches the formats of any error, and of its causes.
    pub fn error_texts(&mut self, place: &str, error: &dyn std::error::Error) {
        for (depth, cause) in std::iter::successors(Some(error), |error| error.source()).enumerate() {
            let place = format!("{place}: cause {depth}");
            self.debug(&place, &cause);
            self.text(&format!("{place}: display"), &cause.to_string());
            self.text(&format!("{place}: alternate display"), &format!("{cause:#}"));
        }
    }

    /// Searches both formats of `Debug`.
    pub fn debug(&mut self, place: &str, value: &dyn Debug) {
        self.text(&format!("{place}: debug"), &format!("{value:?}"));
        self.text(&format!("{place}: alternate debug"), &format!("{value:#?}"));
    }

    /// Returns the secrets among [`CANARIES`] that were found.
    #[must_use]
    pub fn secrets(&self) -> Vec<&'static str> {
        let is_found = |name: &str| self.found.keys().any(|place| place.starts_with(&format!("{name}: ")));
        CANARIES.iter().filter(|(name, _)| is_found(name)).map(|(_, secret)| *secret).collect()
    }

    /// Adds the results of another search.
    pub fn add(&mut self, other: Self) {
        self.places += other.places;
        for (place, count) in other.found {
            *self.found.entry(place).or_default() += count;
        }
    }
}

/// The numbers, and a line for each place where a secret was found.
impl fmt::Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let canaries = CANARIES.len() + self.more.len();
        write!(
            f,
            "{canaries} secrets in {} places: found {} times",
            self.places,
            self.found.values().sum::<usize>()
        )?;
        self.found.iter().try_for_each(|(place, count)| write!(f, "\n  FOUND, {count} times: {place}"))
    }
}

impl Debug for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

type Forms = (&'static str, Vec<String>);

/// The forms of what all canaries begin with, which most texts don't contain, and those of each.
fn forms_of_canaries() -> &'static (Vec<String>, Vec<Forms>) {
    static FORMS: OnceLock<(Vec<String>, Vec<Forms>)> = OnceLock::new();
    FORMS.get_or_init(|| {
        (forms("c4n4ry"), CANARIES.iter().map(|(name, secret)| (*name, forms(secret))).collect())
    })
}

/// The forms of a secret: as it is, as numbers, in hexadecimal, and inside of base64.
fn forms(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let numbers: Vec<_> = bytes.iter().map(u8::to_string).collect();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![secret.to_owned(), numbers.join(", "), hex];
    // A character of base64 has six bits. Those at the ends have bits of the bytes around the secret.
    for before in 0..3 {
        let padded = [&[0; 2][..before], bytes].concat();
        let (start, end) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
        forms.extend(
            [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD].map(|engine| engine.encode(&padded)[start..end].to_owned()),
        );
    }
    forms.dedup();
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_every_form() {
        let rows = [
            format!("token {BEARER}!"),
            format!("{:?}", BEARER.as_bytes()),
            BEARER.to_uppercase(),
            STANDARD_NO_PAD.encode(BEARER),
            STANDARD_NO_PAD.encode(format!("a:{BEARER}")),
            URL_SAFE_NO_PAD.encode(format!("ana:{BEARER}?")),
        ];
        for text in rows {
            let mut search = Search::default();
            search.text("here", &text);
            assert_eq!((search.places, search.found.len()), (1, 1), "{text}");
        }
        let mut search = Search::default();
        search.text("here", "c4n4ry");
        search.text_but(&["bearer token"], "here", BEARER);
        assert_eq!((search.places, search.found.len()), (2, 0));
    }
}
