//! `#[derive(APIModel)]`: calls of a model, at paths that are made of its fields.

mod check;
mod expand;
mod parse;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use self::parse::Model;
use crate::keys::{self, Keys};
use crate::krate::krate;
use crate::mistakes::Mistakes;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut mistakes = Mistakes::default();
    let keys = Keys::of(&input.attrs, keys::MODEL, &mut mistakes);
    let krate = krate(&keys, &mut mistakes);
    let model = Model::parse(&input, &keys, &mut mistakes);
    if let Some(model) = &model {
        check::check(model, &mut mistakes);
    }
    let expanded = model.map(|model| expand::expand(&krate, &model, mistakes.is_empty()));
    quote::quote!(#mistakes #expanded)
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn a_model_with_mistakes_keeps_its_methods() {
        let rows = [
            (quote!(on = Acme, path = "/users/{uid}"), 1),
            (quote!(on = Acme, path = "/users/{uid}", save = fetch, create = post), 3),
            (quote!(on = Acme), 1),
            (quote!(path = "/users/{id}"), 1),
            (quote!(), 2),
        ];
        for (keys, mistakes) in rows {
            let output = derive(quote! { #[model(#keys)] pub struct User { id: u64 } });
            let text = prettyplease::unparse(&syn::parse2(output).expect("the output is items"));
            assert_eq!(text.matches("compile_error!").count(), mistakes, "{keys}\n{text}");
            let knows_type = keys.to_string().contains("on =");
            assert_eq!(text.contains("pub fn reload"), knows_type, "{keys}\n{text}");
        }
    }
}
