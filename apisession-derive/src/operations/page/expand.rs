//! Generates the tables of `page`: where the parts of a page are, and how the next one is requested.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::check::request_parameter;
use super::parse::{Kind, Pages, Place};
use crate::operations::parameter::{Parameter, Place as ParameterPlace};
use crate::operations::parse::Operation;

impl Pages {
    /// Generates where the parts of a page are.
    pub(in crate::operations) fn layout(&self, krate: &TokenStream) -> TokenStream {
        let private = quote!(#krate::__private);
        let items = self.items.as_ref().map(|items| tokens(&items.text.value())).unwrap_or_default();
        let mut fields = quote!(items: &[#(#items),*],);
        let flags = [
            ("are_values", self.items.as_ref().is_some_and(|items| items.is("values"))),
            ("may_be_absent", self.omits_empty),
            ("is_xml", self.is_xml),
        ];
        for (name, _) in flags.into_iter().filter(|(_, is_set)| *is_set) {
            let name = proc_macro2::Ident::new(name, proc_macro2::Span::mixed_site());
            fields.extend(quote!(#name: true,));
        }
        let facts =
            [("next", &self.next), ("more", &self.more), ("total", &self.total), ("pages", &self.pages)];
        for (name, place) in facts {
            let Some(place) = place else { continue };
            let name = proc_macro2::Ident::new(name, proc_macro2::Span::mixed_site());
            let fact = if place.is("header") {
                let header = place.text.value().to_ascii_lowercase();
                quote!(#private::Fact::Header(#header))
            } else {
                let tokens = tokens(&place.text.value());
                quote!(#private::Fact::Body(&[#(#tokens),*]))
            };
            fields.extend(quote!(#name: ::core::option::Option::Some(#fact),));
        }
        if let Some(id) = &self.id {
            let tokens = tokens(&id.text.value());
            fields.extend(quote!(id: ::core::option::Option::Some(&[#(#tokens),*]),));
        }
        quote!(#private::PageLayout { #fields ..#private::PageLayout::LIST })
    }

    /// Generates the list that begins with the page of `call`.
    pub(in crate::operations) fn pager(
        &self,
        krate: &TokenStream,
        call: &TokenStream,
        operation: &Operation,
    ) -> TokenStream {
        let paging = self.paging(krate, operation.is_form(), &operation.parameters);
        let first = request_parameter(&operation.parameters).filter(|_| self.kind() == Kind::Next);
        let first = first.map(|Parameter { ident, .. }| quote!(.first_request(&#ident)));
        quote!(#call.pager(#paging) #first)
    }

    /// Generates how the next page is requested.
    fn paging(&self, krate: &TokenStream, is_form: bool, parameters: &[Parameter]) -> TokenStream {
        let private = quote!(#krate::__private);
        let mut fields = TokenStream::new();
        let param = match self.kind() {
            Kind::Next => request_parameter(parameters).map(|parameter| whole(krate, parameter)),
            _ => self.param.as_ref().map(|place| parameter(krate, place, is_form)),
        };
        let size = self.size.as_ref().map(|place| parameter(krate, place, is_form));
        for (name, value) in [("param", param), ("size", size)] {
            let Some(value) = value else { continue };
            let name = proc_macro2::Ident::new(name, proc_macro2::Span::mixed_site());
            fields.extend(quote!(#name: ::core::option::Option::Some(#value),));
        }
        for (name, value) in [("default_size", &self.default_size), ("max_size", &self.max_size)] {
            let Some(value) = value else { continue };
            let name = proc_macro2::Ident::new(name, proc_macro2::Span::mixed_site());
            fields.extend(quote!(#name: ::core::option::Option::Some(#value),));
        }
        if !self.past_end.is_empty() {
            let statuses = &self.past_end;
            fields.extend(quote!(past_end: &[#(#statuses),*],));
        }
        let counts = matches!(self.kind(), Kind::Number | Kind::Offset);
        if self.kind() == Kind::Style || counts && (self.total.is_some() || self.pages.is_some()) {
            fields.extend(quote!(is_counted: true,));
        }
        let style = self.style(krate);
        // The span makes a value that is no style be underlined.
        let style = quote_spanned!(style.span()=> &#style);
        quote!(const { &#private::Paging { #fields ..#private::Paging::new(#style) } })
    }

    fn style(&self, krate: &TokenStream) -> TokenStream {
        let private = quote!(#krate::__private);
        match self.kind() {
            Kind::Connection => quote!(#private::Connection),
            Kind::Cursor => {
                let empty_ends = self.empty_ends;
                quote!(#private::Cursor { empty_ends: #empty_ends })
            }
            Kind::LastId => quote!(#private::LastId),
            Kind::Link => {
                let relation = self.relation.as_ref().map_or_else(|| "next".to_owned(), syn::LitStr::value);
                quote!(#private::HeaderLink { relation: #relation })
            }
            Kind::Next => {
                let next = &self.value;
                // The span makes a request that can't be encoded or decoded be underlined.
                let call = quote_spanned!(next.span()=> next_request(page, #next));
                quote!(#private::NextRequest(|page| {
                    use #private::next_request;
                    #call
                }))
            }
            Kind::Number => {
                let first = self.first.as_ref().map_or_else(|| quote!(1), |first| quote!(#first));
                quote!(#private::Number { first: #first })
            }
            Kind::Offset => quote!(#private::Offset),
            Kind::Style => {
                let value = &self.value;
                quote!(#value)
            }
            Kind::Url => quote!(#private::BodyLink),
        }
    }
}

/// Generates where a value of a page goes.
fn parameter(krate: &TokenStream, place: &Place, is_form: bool) -> TokenStream {
    let (private, name) = (quote!(#krate::__private), place.text.value());
    if place.is("field") && is_form {
        quote!(#private::PageParameter::FormField(#name))
    } else if place.is("field") {
        quote!(#private::PageParameter::Field(#name))
    } else if place.is("header") {
        let name = name.to_ascii_lowercase();
        quote!(#private::PageParameter::Header(#name))
    } else {
        quote!(#private::PageParameter::Query(#name))
    }
}

/// Generates where the request of a page goes.
fn whole(krate: &TokenStream, parameter: &Parameter) -> TokenStream {
    let (private, wire) = (quote!(#krate::__private), &parameter.wire);
    let style = parameter.style.expanded(krate);
    match parameter.place {
        ParameterPlace::Form => quote!(#private::PageParameter::Form(#style)),
        ParameterPlace::Query => quote!(#private::PageParameter::Flat(#wire, #style)),
        _ => quote!(#private::PageParameter::Json),
    }
}

/// The names in a pointer, without its escapes.
fn tokens(pointer: &str) -> Vec<String> {
    let tokens = pointer.split('/').skip(1);
    tokens.map(|token| token.replace("~1", "/").replace("~0", "~")).collect()
}
