//! The keys of operations that return a stream: `events(…)`, `lines(…)`, `resume` and `expired_when_item`. Above a rule is a sample of
//! an input that breaks it.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, LitStr, Type};

use super::check::pointers;
use crate::keys::{self, Key, Keys};
use crate::mistakes::Mistakes;

/// What an operation states about its stream.
pub(super) enum Stream {
    Events {
        done: Vec<LitStr>,
        errors: Vec<LitStr>,
        reconnects: bool,
        expired: Option<Expr>,
    },
    Lines {
        form: Form,
        each: Option<LitStr>,
        done: Vec<LitStr>,
        errors: Vec<LitStr>,
        expired: Option<Expr>,
        resume: Option<Expr>,
    },
}

/// How items follow each other.
pub(super) enum Form {
    Auto,
    Named(&'static str),
    Array(Option<LitStr>),
}

/// The keys that set the form, and its names.
const FORMS: [(&str, &str); 4] =
    [("array", "Array"), ("concatenated", "Concatenated"), ("separate", "Lines"), ("sequence", "Sequence")];

/// The methods that are idempotent by themselves (RFC 9110 §9.2.2, and RFC 10008 for QUERY).
const IDEMPOTENT: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PUT", "QUERY", "TRACE"];

impl Stream {
    /// Returns the keys of the stream, if there are any.
    pub(super) fn parse(keys: &Keys, method: &str, mistakes: &mut Mistakes) -> Option<Self> {
        let (events, lines) = (keys.get("events"), keys.get("lines"));
        let expired = keys.expression("expired_when_item", mistakes, "is_expired");
        let resume = keys.expression("resume", mistakes, "after");
        both(events, lines, mistakes);
        without_stream(keys, mistakes);
        match (events, lines) {
            (Some(key), _) => {
                let inner = key.keys(keys::EVENTS, mistakes);
                let reconnect = inner.get("reconnect").filter(|key| key.flag(mistakes));
                let (done, errors) = (marks(&inner, "done", mistakes), marks(&inner, "error", mistakes));
                pointers(done.iter().chain(&errors).filter(|mark| mark.value().starts_with('/')), mistakes);
                repeatable(reconnect, keys, method, mistakes);
                Some(Self::Events { done, errors, reconnects: reconnect.is_some(), expired })
            }
            (None, Some(key)) => {
                let inner = key.keys(keys::LINES, mistakes);
                let each = inner.string("each", mistakes);
                let (done, errors) = (marks(&inner, "done", mistakes), marks(&inner, "error", mistakes));
                pointers(each.iter().chain(&done).chain(&errors), mistakes);
                repeatable(keys.get("resume"), keys, method, mistakes);
                Some(Self::Lines { form: form(&inner, mistakes), each, done, errors, expired, resume })
            }
            (None, None) => None,
        }
    }

    /// Returns the name of the mode of the operation.
    pub(super) fn mode(&self) -> &'static str {
        match self {
            Self::Events { .. } => "Events",
            Self::Lines { .. } => "Lines",
        }
    }

    /// Generates the value of the decode fn, with the keys applied to it.
    pub(super) fn applied_to(
        &self,
        krate: &TokenStream,
        response: &Type,
        value: &TokenStream,
    ) -> TokenStream {
        let private = quote!(#krate::__private);
        match self {
            Self::Events { done, errors, reconnects, expired } => {
                let reconnect = reconnects.then(|| quote!(.reconnect()));
                let (done, errors) = (listed("done", done), listed("error", errors));
                let expired = expired.iter();
                quote! {
                    static __KEYS: #private::EventKeys = #private::EventKeys::NONE #done #errors #reconnect
                        #(.expired_when_item(|event| #private::is_expired_event(event, #expired)))*;
                    ::core::result::Result::map(#value, |stream| {
                        #private::with_events::<#response>(stream, &__KEYS)
                    })
                }
            }
            Self::Lines { form, each, done, errors, expired, resume } => {
                let (done, errors) = (listed("done", done), listed("error", errors));
                let (each, expired) = (each.iter(), expired.iter());
                let form = form.expand(&private);
                let resumed = resume.as_ref().map(|resume| {
                    // The span makes a fn of another type be underlined.
                    let changes = quote_spanned! {resume.span()=>
                        |item| ::core::convert::Into::<#krate::Resume>::into((#resume)(item))
                    };
                    quote!(let stream = #private::with_resume::<#response>(stream, #changes);)
                });
                quote! {
                    static __KEYS: #private::LineKeys = #private::LineKeys::NONE #form #(.each(#each))* #done #errors
                        #(.expired_when_item(|item| #private::is_expired_item(item, #expired)))*;
                    ::core::result::Result::map(#value, |stream| {
                        let stream = #private::with_lines::<#response>(stream, &__KEYS);
                        #resumed
                        stream
                    })
                }
            }
        }
    }
}

impl Form {
    fn expand(&self, private: &TokenStream) -> Option<TokenStream> {
        match self {
            Self::Auto => None,
            Self::Named(name) => {
                let name = Ident::new(name, proc_macro2::Span::mixed_site());
                Some(quote!(.form(#private::Form::#name)))
            }
            Self::Array(pointer) => {
                let pointer = pointer.iter();
                // Without a pointer, the array is the document.
                Some(quote!(.form(#private::Form::Array(::core::concat!(#(#pointer)*)))))
            }
        }
    }
}

/// Generates the call that sets a list of marks.
fn listed(name: &str, marks: &[LitStr]) -> Option<TokenStream> {
    let name = Ident::new(name, proc_macro2::Span::mixed_site());
    (!marks.is_empty()).then(|| quote!(.#name(&[#(#marks),*])))
}

/// Returns the values of `name = "…"` or `name("…", "…")`.
fn marks(keys: &Keys, name: &str, mistakes: &mut Mistakes) -> Vec<LitStr> {
    match keys.get(name) {
        Some(key) if key.has_list() => key.strings(mistakes),
        Some(key) => key.string(mistakes).into_iter().collect(),
        None => Vec::new(),
    }
}

/// ```text
/// #[get(lines(array, sequence))]
/// ```
fn form(keys: &Keys, mistakes: &mut Mistakes) -> Form {
    let mut forms = FORMS.iter().filter_map(|(key, name)| Some((keys.get(key)?, *name)));
    let first = forms.next();
    for (second, _) in forms {
        mistakes.at(second, "a stream has one form; remove one of these keys");
    }
    match first {
        None => Form::Auto,
        Some((key, "Array")) if key.has_no_value() => Form::Array(None),
        Some((key, "Array")) => {
            let pointer = key.string(mistakes);
            pointers(pointer.iter(), mistakes);
            Form::Array(pointer)
        }
        Some((key, name)) => {
            key.flag(mistakes);
            Form::Named(name)
        }
    }
}

/// ```text
/// #[get(events, lines)] fn changes(&self) -> Call<EventStream<Change>>;
/// ```
fn both(events: Option<&Key>, lines: Option<&Key>, mistakes: &mut Mistakes) {
    if let (Some(_), Some(lines)) = (events, lines) {
        mistakes.at(lines, "an operation returns events or lines; remove one of these keys");
    }
}

/// ```text
/// #[get(resume = after)] fn changes(&self) -> Call<Lines<Change>>;
/// #[get(events, resume = after)] fn changes(&self) -> Call<EventStream<Change>>;
/// #[get(expired_when_item = is_expired)] fn changes(&self) -> Call<Lines<Change>>;
/// ```
fn without_stream(keys: &Keys, mistakes: &mut Mistakes) {
    let has_events = keys.get("events").is_some();
    let has_lines = keys.get("lines").is_some();
    if let Some(resume) = keys.get("resume").filter(|_| !has_lines) {
        let message = if has_events {
            "`resume` is for lines; event streams go on by their ids: `events(reconnect)`"
        } else {
            "`resume` is for operations that return `Lines`; add the key `lines`"
        };
        mistakes.at(resume, message);
    }
    if let Some(expired) = keys.get("expired_when_item").filter(|_| !has_events && !has_lines) {
        mistakes.at(
            expired,
            "`expired_when_item` is about the first item of a stream; add the key `events` or `lines`",
        );
    }
}

/// ```text
/// #[post(events(reconnect))] fn stream(&self, chat: &Chat) -> Call<EventStream<Chunk>>;
/// #[post(lines, resume = after)] fn search(&self, query: &Query) -> Call<Lines<Hit>>;
/// ```
fn repeatable(key: Option<&Key>, keys: &Keys, method: &str, mistakes: &mut Mistakes) {
    let Some(key) = key else { return };
    let states = keys.get("idempotent");
    let is_repeatable = match states.and_then(|key| key.switch(&mut Mistakes::default())) {
        Some(is_idempotent) => is_idempotent,
        None => IDEMPOTENT.contains(&method) || keys.get("idempotency_key").is_some(),
    };
    if !is_repeatable {
        let message = format!(
            "`{}` sends the request again, and {method} is not idempotent here; add `idempotent` if sending it twice is harmless",
            key.name
        );
        mistakes.at(key, message);
    }
}
