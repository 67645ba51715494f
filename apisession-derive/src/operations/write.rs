//! Generates the code that adds a parameter to a call.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::LitStr;
use syn::spanned::Spanned;

use super::parameter::{Parameter, Place, Style};
use super::parse::Operation;

/// Generates the call that adds a parameter to the request.
pub(super) fn write(
    krate: &TokenStream,
    operation: &Operation,
    parameter: &Parameter,
    value: &TokenStream,
) -> TokenStream {
    let Parameter { place, wire, style, content_type, .. } = parameter;
    match (place, content_type) {
        (Place::Url, _) => return quote!(.at(#value)),
        (Place::Body, Some(content_type)) => return quote!(.body(#content_type, #value)),
        (Place::Json, Some(content_type)) => return quote!(.json_of_type(#wire, #value, #content_type)),
        (Place::Xml, content_type) => {
            let of = content_type.as_ref().map_or("application/xml".to_owned(), LitStr::value);
            return quote!(.xml(#wire, #value, #of));
        }
        (Place::Form, _) => {
            let style = style.expanded(krate);
            return quote!(.form(#wire, #value, #style));
        }
        (Place::Field, _) if operation.is_form() && style.json.is_some() => {
            return quote!(.form_field_json(#wire, #value));
        }
        (Place::Field, _) if operation.is_form() => {
            let style = style.expanded(krate);
            return quote!(.form_field(#wire, #value, #style));
        }
        _ => {}
    }
    if style.flag.is_some() {
        return quote!(.query_flag(#wire, #value));
    }
    if style.json.is_some() && *place != Place::Part {
        let write = format_ident!("{}_json", place.attribute());
        return quote!(.#write(#wire, #value));
    }
    if *place == Place::Headers {
        let prefix = parameter.prefix.as_ref().map(LitStr::value).unwrap_or_default();
        return quote!(.headers(#wire, #prefix, #value));
    }
    if style.is_plain() {
        let write = Ident::new(place.attribute(), Span::mixed_site());
        return quote!(.#write(#wire, #value));
    }
    let style = style.expanded(krate);
    quote!(.query_styled(#wire, #value, #style))
}

impl Style {
    /// Generates the style.
    pub(super) fn expanded(&self, krate: &TokenStream) -> TokenStream {
        let list = Ident::new(self.list.unwrap_or("Repeat"), Span::mixed_site());
        let nested = Ident::new(self.nested.unwrap_or("Refused"), Span::mixed_site());
        let private = quote!(#krate::__private);
        quote!(#private::Style { list: #private::ListStyle::#list, nested: #private::Nested::#nested })
    }
}

/// Generates the value of a parameter. Its span is that of the type, which the compiler underlines if the value can't
/// be sent.
pub(super) fn value(krate: &TokenStream, parameter: &Parameter) -> TokenStream {
    let ty = parameter.given();
    let span = ty.span();
    let mut ident = parameter.ident.clone();
    ident.set_span(ident.span().located_at(span));
    if parameter.place == Place::Body {
        // It is converted by its `Into`, which the span of the type shows.
        return quote_spanned!(span=> #ident);
    }
    if parameter.place == Place::Json && parameter.marked.is_none() {
        let private = quote!(#krate::__private);
        // The path has the span as well, since the compiler underlines it if the value is no body.
        let probe = Ident::new("__Probe", span);
        let body = quote_spanned!(span=> #probe::<#ty>::json_body()(&#ident));
        let block = quote!(use #private::{ByObject as _, Probe as #probe}; #body);
        // The compiler underlines the block if the value can't be encoded.
        let mut block = Group::new(Delimiter::Brace, block);
        block.set_span(span);
        return block.into_token_stream();
    }
    if parameter.place == Place::Part {
        return parameter.part.part_value(krate, ty, &quote_spanned!(span=> &#ident));
    }
    encoded(parameter, quote_spanned!(span=> &#ident))
}

/// Applies the fn of `encode_with` to the value, if the parameter has one.
pub(super) fn encoded(parameter: &Parameter, value: TokenStream) -> TokenStream {
    match &parameter.encode_with {
        Some(encode) => quote_spanned!(encode.span()=> &#encode(#value)),
        None => value,
    }
}
