//! How a field of `#[derive(Multipart)]`, or a `#[part]` parameter, becomes parts of a body.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{LitStr, Type};

use crate::keys::Keys;
use crate::media_type;
use crate::mistakes::Mistakes;
use crate::record::Record;

/// The keys of a part.
#[derive(Default)]
pub(crate) struct Part {
    /// The type of its content.
    content_type: Option<LitStr>,
    /// The name of the file.
    file_name: Option<LitStr>,
    /// Whether it is JSON, whatever its type is.
    json: bool,
}

impl Part {
    pub(crate) fn parse(keys: &Keys, mistakes: &mut Mistakes) -> Self {
        let mut text = |name| keys.string(name, mistakes);
        let (content_type, file_name) = (text("content_type"), text("file_name"));
        if let Some(content_type) = &content_type {
            media_type::check(content_type, mistakes);
        }
        Self { content_type, file_name, json: keys.flag("json", mistakes).is_some() }
    }

    /// Adds the keys to the record of a parameter.
    pub(crate) fn describe(&self, record: &mut Record) {
        record.maybe("content_type", self.content_type.as_ref().map(LitStr::value));
        record.maybe("file_name", self.file_name.as_ref().map(LitStr::value));
    }

    /// Generates what a value of this type is sent as. Which way that is, is decided by type where the code is compiled.
    pub(crate) fn part_value(&self, krate: &TokenStream, ty: &Type, value: &TokenStream) -> TokenStream {
        let private = quote!(#krate::__private);
        // The span makes the compiler underline the type if it can't be a part.
        let part_value = if self.json {
            quote_spanned!(ty.span()=> #private::PartValue::json(#value))
        } else {
            let probed = quote_spanned!(ty.span()=> (&&&#private::Probe::<#ty>::new()).part_value(#value));
            quote!({ use #private::{ByNoPart as _, ByParts as _, ByValue as _}; #probed })
        };
        if self.content_type.is_none() && self.file_name.is_none() {
            return part_value;
        }
        let (file_name, content_type) = (option(self.file_name.as_ref()), option(self.content_type.as_ref()));
        quote!(#part_value.declared(#file_name, #content_type))
    }
}

fn option(text: Option<&LitStr>) -> TokenStream {
    match text {
        Some(text) => {
            let text = text.to_token_stream();
            quote!(::core::option::Option::Some(#text))
        }
        None => quote!(::core::option::Option::None),
    }
}
