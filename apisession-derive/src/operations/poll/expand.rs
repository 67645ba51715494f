//! Generates the table of `poll` and `wait`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, LitStr, Type};

use super::parse::{Mark, Polls, Read, Running, Target, Value};
use crate::names;

impl Polls {
    /// Generates how the job is polled. `response` is the type of its result.
    pub(in crate::operations) fn polling(&self, krate: &TokenStream, response: &Type) -> TokenStream {
        let private = quote!(#krate::__private);
        let mut fields = TokenStream::new();
        let mut field = |name: &str, value: Option<TokenStream>| {
            let Some(value) = value else { return };
            let name = Ident::new(name, Span::mixed_site());
            fields.extend(quote!(#name: #value,));
        };
        let some = |value: TokenStream| quote!(::core::option::Option::Some(#value));
        field("state", self.state.as_ref().map(|at| some(quote!(#at))));
        field("done", marks(&private, &self.done));
        field("failed", marks(&private, &self.failed));
        field(
            "running",
            match &self.running {
                Running::Usual => None,
                Running::Marks(list) => {
                    marks(&private, list).map(|marks| quote!(#private::InProgress::Marks(#marks)))
                }
                Running::Any => Some(quote!(#private::InProgress::Any)),
            },
        );
        field("result", self.result.as_ref().map(|value| result(krate, value, response)));
        field("cancel", self.cancel.as_ref().map(|target| some(of_target(&private, target))));
        field("adopt", self.adopt.as_ref().and_then(|value| source(&private, value)).map(some));
        let duration = |value: &Expr| some(quote_spanned!(value.span()=> #value));
        field("interval", self.interval.as_ref().map(duration));
        field("total", self.total.as_ref().map(duration));
        let base = match &self.read {
            Read::Itself => quote!(#private::Polling::new(#private::PollRead::Itself)),
            Read::UntilExists => quote!(#private::Polling::until_exists()),
            Read::UntilGone => quote!(#private::Polling::until_gone()),
            Read::Value(Value::Operation(target)) => {
                let target = of_target(&private, target);
                quote!(#private::Polling::new(#private::PollRead::Operation(#target)))
            }
            Read::Value(value) => {
                let source = source(&private, value);
                quote!(#private::Polling::new(#private::PollRead::Url(#source)))
            }
        };
        quote!(const { &#private::Polling { #fields ..#base } })
    }
}

/// Generates another operation, by the path to its constant.
fn of_target(private: &TokenStream, target: &Target) -> TokenStream {
    let Target { operation, path } = target;
    let constant = names::constant(operation);
    quote!(#private::PollTarget { of: Self::#constant.row(), path: &[#(#path),*] })
}

fn marks(private: &TokenStream, marks: &[Mark]) -> Option<TokenStream> {
    let list = marks.iter().map(|mark| match mark {
        Mark::Text(text) if text.value().starts_with('/') => quote!(#private::StateMark::Present(#text)),
        Mark::Text(text) => quote!(#private::StateMark::State(#text)),
        Mark::Status(status) => quote!(#private::StateMark::Status(#status)),
    });
    (!marks.is_empty()).then(|| quote!(&[#(#list),*]))
}

fn result(krate: &TokenStream, value: &Value, response: &Type) -> TokenStream {
    let private = quote!(#krate::__private);
    match value {
        Value::At(at) => quote!(#private::PollResult::At(#at)),
        Value::Operation(target) => {
            let target = of_target(&private, target);
            quote!(#private::PollResult::Operation(#target))
        }
        value => {
            let source = source(&private, value);
            let asks = quote!({ use #private::AcceptsJson as _; #private::Probe::<#response>::ASKS });
            quote!(#private::PollResult::Url(#source, #asks))
        }
    }
}

/// Generates where a value or a URL is. An operation is no such place.
fn source(private: &TokenStream, value: &Value) -> Option<TokenStream> {
    let header = |name: &LitStr| {
        let name = name.value().to_ascii_lowercase();
        quote!(#private::PollSource::Header(#name))
    };
    Some(match value {
        Value::Operation(_) => return None,
        Value::Location(word) if word == "location" => quote!(#private::PollSource::Location),
        Value::Location(_) => quote!(#private::PollSource::Header("operation-location")),
        Value::Header(_, name) => header(name),
        Value::Url(at) | Value::At(at) => quote!(#private::PollSource::Body(#at)),
    })
}
