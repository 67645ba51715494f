//! Generates the calls of a model: a method and a constant for each.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::parse::{Model, ModelCall, Purpose};
use crate::record::Record;
use crate::source::source;
use crate::types::written;

/// Generates the calls. Without `is_right` they do nothing, so that the code that makes them compiles.
pub(super) fn expand(krate: &TokenStream, model: &Model<'_>, is_right: bool) -> TokenStream {
    let name = &model.input.ident;
    let (generics, arguments, bounds) = model.input.generics.split_for_impl();
    let calls = model.calls.iter().map(|call| {
        let writer = Writer { krate, model, call };
        let method = writer.method(is_right);
        let constant = is_right.then(|| writer.constant());
        quote!(#method #constant)
    });
    quote! {
        #[allow(deprecated)]
        impl #generics #name #arguments #bounds {
            #(#calls)*
        }
    }
}

struct Writer<'a> {
    krate: &'a TokenStream,
    model: &'a Model<'a>,
    call: &'a ModelCall,
}

impl Writer<'_> {
    fn error(&self) -> TokenStream {
        let krate = self.krate;
        self.model.error.as_ref().map_or_else(|| quote!(#krate::Error), |error| quote!(#error))
    }

    fn name(&self) -> Ident {
        Ident::new(self.call.purpose.name(), Span::call_site())
    }

    fn constant_name(&self) -> Ident {
        Ident::new(&self.call.purpose.name().to_ascii_uppercase(), Span::call_site())
    }

    fn method(&self, is_right: bool) -> TokenStream {
        let Self { krate, model, call } = self;
        let (name, constant, error, on) = (self.name(), self.constant_name(), self.error(), &model.on);
        let vis = &model.input.vis;
        let first = match call.purpose {
            Purpose::Create => {
                "Creates this on the server, and replaces it by what the server returns, if that is anything."
            }
            Purpose::Reload => "Reads this from the server again.",
            Purpose::Remove => "Removes this from the server. The value stays as it is.",
            Purpose::Save => {
                "Saves this on the server, and replaces it by what the server returns, if that is anything."
            }
        };
        let sends = format!("Sends `{} {}`, relative to [`{}`].", call.method, call.template, written(on));
        let body = is_right.then(|| {
            // The span makes a type at which nothing can be called be underlined.
            let at = Ident::new("on", Span::call_site().located_at(on.span()));
            let fields = call.template.parameters().filter_map(|wanted| {
                let mut fields = model.fields.iter();
                let field =
                    fields.find(|field| field.ident.as_ref().is_some_and(|ident| ident.unraw() == wanted))?;
                let ident = &field.ident;
                // The span makes a field that can't be in a path be underlined.
                Some(quote_spanned!(field.ty.span()=> .path(&self.#ident)))
            });
            // The span makes a model that can't be sent be underlined.
            let json = quote_spanned!(model.input.ident.span()=> .json("model", &*self));
            let json = call.purpose.sends().then_some(json);
            let of = (call.purpose != Purpose::Remove).then(|| quote!(.of_model(self)));
            quote!(Self::#constant.on(#at) #(#fields)* #json #of)
        });
        let body = body.unwrap_or_else(|| {
            quote!({
                let _ = on;
                ::core::unreachable!()
            })
        });
        let (receiver, output) = match call.purpose {
            Purpose::Remove => (quote!(&self), quote!(#krate::Call<(), #error>)),
            _ => (quote!(&mut self), quote!(#krate::ModelCall<'_, Self, #error>)),
        };
        quote! {
            #[doc = #first]
            ///
            #[doc = #sends]
            #vis fn #name(#receiver, on: &#on) -> #output {
                #body
            }
        }
    }

    fn constant(&self) -> TokenStream {
        let Self { krate, model, call } = self;
        let private = quote!(#krate::__private);
        let (constant, error, vis) = (self.constant_name(), self.error(), &model.input.vis);
        let name = &model.input.ident;
        let (method, path, text) = (&call.method, call.template.to_string(), self.text());
        let errors = match &model.error {
            Some(error) => quote!(#private::Probe::<#error>::CASES),
            None => quote!(""),
        };
        let fails = model.error.iter();
        let (value, decode) = match call.purpose {
            Purpose::Remove => (quote!(()), quote!(#private::nothing)),
            _ => {
                // The span makes a model that can't be decoded be underlined.
                let decode = quote_spanned!(name.span()=> #private::replacement::<#name>);
                (quote!(#private::Replacement<#name>), decode)
            }
        };
        let returned = if call.purpose == Purpose::Remove { quote!(()) } else { quote!(#name) };
        let settings = &model.settings;
        let settings = (!settings.is_empty()).then(|| {
            quote! {
                .with_settings(|| {
                    static __SETTINGS: ::std::sync::LazyLock<#krate::Settings> =
                        ::std::sync::LazyLock::new(|| #krate::Settings::new() #settings);
                    &__SETTINGS
                })
            }
        });
        let credential = model.credential.iter();
        let about = format!("Describes the call [`{0}`](Self::{0}).", call.purpose.name());
        quote! {
            #[doc = #about]
            #vis const #constant: #krate::Op<#value, #error> = {
                use #private::{AcceptsJson as _, NoTypedError as _, Unknown as _};
                #(#private::fails_with::<#fails>();)*
                static __DECLARATION: #private::Declaration = #private::Declaration::new(#method, #path, 0, #text)
                    #(.with_credential(#credential))* #settings
                    .with_types(#private::Types::new(#private::Probe::<#returned>::ASKS, #errors));
                #krate::Op::new(|| ::core::slice::from_ref(&__DECLARATION), 0, #decode)
            };
        }
    }

    /// The text for the descriptor.
    fn text(&self) -> Record {
        let Self { model, call, .. } = self;
        let name = model.input.ident.unraw().to_string();
        let mut record = Record::new(call.purpose.name());
        record.unit("endpoint", &name);
        record.unit("response", if call.purpose == Purpose::Remove { "()" } else { &name });
        record.maybe("error", model.error.as_ref().map(source));
        record.extend(&model.described);
        record.docs(&model.input.attrs);
        for wanted in call.template.parameters() {
            let is_it =
                |field: &&&syn::Field| field.ident.as_ref().is_some_and(|ident| ident.unraw() == wanted);
            let Some(field) = model.fields.iter().find(is_it) else { continue };
            let mut parameter = Record::new(wanted);
            parameter.unit("in", "path");
            parameter.unit("type", &source(&field.ty));
            parameter.flag("greedy", call.template.is_greedy(wanted));
            parameter.docs(&field.attrs);
            record.push(&parameter);
        }
        if call.purpose.sends() {
            let mut body = Record::new("model");
            body.unit("in", "json");
            body.unit("type", &format!("&{name}"));
            record.push(&body);
        }
        record
    }
}
