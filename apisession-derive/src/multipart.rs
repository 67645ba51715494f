//! `#[derive(Multipart)]`: a struct whose fields are the parts of a multipart body.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Field, Fields, GenericParam, Type};

use crate::case::Case;
use crate::keys::{self, Keys};
use crate::krate::krate;
use crate::mistakes::Mistakes;
use crate::part::Part;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut mistakes = Mistakes::default();
    let keys = Keys::of(&input.attrs, keys::MULTIPART, &mut mistakes);
    let krate = krate(&keys, &mut mistakes);
    let case = keys.get("rename_all").and_then(|key| Case::parse(&key.string(&mut mistakes)?, &mut mistakes));
    let mut parts = Vec::new();
    for field in fields(&input, &mut mistakes) {
        parts.push(FieldPart::parse(field, case, &mut mistakes));
    }
    generics(&input, &mut mistakes);
    let mut written = TokenStream::new();
    for part in parts.iter().filter(|_| mistakes.is_empty()) {
        written.extend(part.write(&krate));
    }
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    // It is written after a mistake too, so that the code which uses it causes no further errors.
    quote! {
        #mistakes

        #[automatically_derived]
        #[allow(deprecated)]
        impl #generics #krate::Multipart for #name #arguments #bounds {
            fn add_to(&self, parts: &mut #krate::Parts) {
                #written
                let _ = parts;
            }
        }
    }
}

/// ```text
/// #[derive(Multipart)] struct Upload(Part);
/// ```
fn fields<'a>(input: &'a DeriveInput, mistakes: &mut Mistakes) -> Vec<&'a Field> {
    if let Data::Struct(data) = &input.data
        && let Fields::Named(fields) = &data.fields
    {
        return fields.named.iter().collect();
    }
    let message =
        "`Multipart` can only be derived for a struct with named fields, which are the names of the parts";
    mistakes.at(&input.ident, message);
    Vec::new()
}

/// ```text
/// #[derive(Multipart)] struct Upload<T> { meta: T }
/// ```
fn generics(input: &DeriveInput, mistakes: &mut Mistakes) {
    for param in input.generics.params.iter().filter(|param| !matches!(param, GenericParam::Lifetime(_))) {
        mistakes.at(param, "the struct can't be generic over this, since the type of a field decides how it is sent; use a concrete type");
    }
}

/// A field, and the part that it is sent as.
struct FieldPart<'a> {
    ident: &'a Ident,
    ty: &'a Type,
    name: String,
    part: Part,
}

impl<'a> FieldPart<'a> {
    fn parse(field: &'a Field, case: Option<Case>, mistakes: &mut Mistakes) -> Self {
        let keys = Keys::of(&field.attrs, keys::MULTIPART_FIELD, mistakes);
        let ident = field.ident.as_ref().unwrap_or_else(|| unreachable!("the fields are named"));
        let own = ident.unraw().to_string();
        let rename = keys.string("rename", mistakes);
        let name =
            rename.map_or_else(|| case.map_or(own.clone(), |case| case.of_field(&own)), |name| name.value());
        Self { ident, ty: &field.ty, name, part: Part::parse(&keys, mistakes) }
    }

    fn write(&self, krate: &TokenStream) -> TokenStream {
        let Self { ident, ty, name, part } = self;
        // Of the author's code, so that the compiler underlines the type if it can't be a part.
        let value = Ident::new("value", ty.span());
        let part_value = part.part_value(krate, ty, &quote!(#value));
        quote!({ let #value = &self.#ident; parts.add_value(#name, #part_value); })
    }
}
