//! What is written for each operation: a method that makes a call, and a constant that describes it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, FnArg, ItemImpl, Lit, Meta};

use super::parse::{Declared, Item, Operation, Parameter, Place, output};
use super::written;
use crate::mistakes::Mistakes;
use crate::template::Piece;

pub(super) fn expand(
    krate: &TokenStream,
    head: &ItemImpl,
    items: &[Item],
    mistakes: Mistakes,
) -> TokenStream {
    let mut mistakes = mistakes;
    let mut inside = TokenStream::new();
    let mut beside = TokenStream::new();
    let mut table = Vec::new();
    let owner = &head.self_ty;
    for item in items {
        inside.extend(match item {
            Item::Operation(declared, operation) => {
                let writer = Writer { krate, declared, operation, owner: &written(owner) };
                beside.extend(writer.setters());
                table.push(writer.row());
                writer.method()
            }
            Item::Mistaken(declared, own) => {
                mistakes.extend(own);
                fallback(declared)
            }
            Item::Plain(tokens) => tokens.clone(),
            Item::Broken(own) => {
                mistakes.extend(own);
                TokenStream::new()
            }
        });
    }
    let ItemImpl { attrs, generics, .. } = head;
    quote! {
        #mistakes

        #(#attrs)*
        impl #generics #owner {
            #inside
        }

        #[automatically_derived]
        impl #krate::__private::Declares for #owner {
            const OPERATIONS: &'static [&'static #krate::Operation] = &[#(#table),*];
        }

        #beside
    }
}

/// An operation with mistakes keeps its signature, so that its callers stay right.
fn fallback(declared: &Declared) -> TokenStream {
    let Declared { attrs, vis, sig } = declared;
    let mut sig = sig.clone();
    sig.asyncness = None;
    let names = sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(&typed.pat),
        FnArg::Receiver(_) => None,
    });
    quote! {
        #(#attrs)*
        #vis #sig {
            let _ = (#(#names,)*);
            ::core::unreachable!()
        }
    }
}

struct Writer<'a> {
    krate: &'a TokenStream,
    declared: &'a Declared,
    operation: &'a Operation,
    owner: &'a str,
}

impl Writer<'_> {
    /// The method, and the constant beside it.
    fn method(&self) -> TokenStream {
        let Declared { attrs, vis, sig } = self.declared;
        let Operation { answer, error, .. } = self.operation;
        let Self { krate, .. } = self;
        let private = quote!(#krate::__private);
        let name = &sig.ident;
        let constant = self.constant();
        let gates = self.gates();
        let about = format!("The declaration of [`{name}`](Self::{name}).");
        let description = self.description();
        let error = error.iter();
        // The span makes a type that can't be decoded be underlined where the author wrote it.
        let decode = quote_spanned!(answer.span()=> decode);
        let inputs = self.inputs();
        let output = self.output();
        let body = self.body();
        quote! {
            #(#attrs)*
            #vis fn #name(&self, #inputs) -> #output {
                #body
            }

            #(#gates)*
            #[doc = #about]
            #vis const #constant: #krate::Op<#answer #(, #error)*> = {
                static OPERATION: #krate::Operation = #description;
                fn decode(end: #krate::Result<#krate::Response>) -> #krate::Result<#answer> {
                    use #private::{ByNothing as _, ByResponse as _, BySerde as _};
                    (&&&#private::Probe::<#answer>::new()).#decode(end)
                }
                #krate::Op::new(&OPERATION, decode)
            };
        }
    }

    /// The row of the table.
    fn row(&self) -> TokenStream {
        let (gates, constant) = (self.gates(), self.constant());
        quote!(#(#gates)* Self::#constant.operation())
    }

    /// The type with the setters of the optional parameters, if there are any.
    fn setters(&self) -> Option<TokenStream> {
        self.operation.optional().next()?;
        let Declared { vis, sig, .. } = self.declared;
        let Operation { answer, error, call, .. } = self.operation;
        let Self { krate, owner, .. } = self;
        let gates = self.gates();
        let about = format!("The call that [`{owner}::{}`] makes, with its optional parameters.", sig.ident);
        let default = quote!(#krate::Error);
        let error = error.as_ref().map_or(default, |error| quote!(#error));
        let setters = self.operation.optional().map(|parameter| self.setter(parameter));
        Some(quote! {
            #(#gates)*
            #[doc = #about]
            #[must_use = "a call does nothing until it is awaited"]
            #vis struct #call {
                call: #krate::Call<#answer, #error>,
            }

            #(#gates)*
            impl #call {
                #(#setters)*
            }

            #(#gates)*
            #krate::__private::call!(#call, #answer, #error);
        })
    }

    fn setter(&self, parameter: &Parameter) -> TokenStream {
        let vis = &self.declared.vis;
        let Parameter { docs, ident, optional, wire, .. } = parameter;
        let maybe = format_ident!("maybe_{}", ident.unraw());
        let (sets, leaves) = (format!("Sets `{wire}`."), format!("Sets `{wire}`, or leaves it out."));
        let docs = if docs.is_empty() { quote!(#[doc = #sets]) } else { quote!(#(#docs)*) };
        let write = self.write(&quote!(self.call.arguments()), parameter);
        quote! {
            #docs
            #vis fn #ident(mut self, #ident: #optional) -> Self {
                #write
                self
            }

            #[doc = #leaves]
            #vis fn #maybe(self, #ident: ::core::option::Option<#optional>) -> Self {
                match #ident {
                    ::core::option::Option::Some(#ident) => self.#ident(#ident),
                    ::core::option::Option::None => self,
                }
            }
        }
    }

    fn inputs(&self) -> TokenStream {
        let inputs = self.operation.required().map(|Parameter { ident, ty, .. }| quote!(#ident: #ty));
        quote!(#(#inputs),*)
    }

    fn output(&self) -> TokenStream {
        let call = &self.operation.call;
        match (self.operation.optional().next(), output(&self.declared.sig)) {
            (None, Some(output)) => quote!(#output),
            _ => quote!(#call),
        }
    }

    /// Fills the arguments: the path in the template's order, the rest as it was declared.
    fn body(&self) -> TokenStream {
        let Self { krate, operation, .. } = self;
        let constant = self.constant();
        // Hidden from the parameters, one of which may have this name.
        let arguments = Ident::new("arguments", Span::mixed_site());
        let segments = operation.template.parameters().filter_map(|name| {
            let is_segment =
                |parameter: &&Parameter| parameter.place == Place::Path && parameter.wire == name;
            let Parameter { ident, ty, .. } = operation.parameters.iter().find(is_segment)?;
            let path = quote_spanned!(ty.span()=> path);
            Some(quote!(.#path(&#ident)))
        });
        let others: Vec<_> = operation
            .required()
            .filter(|parameter| parameter.place != Place::Path)
            .map(|parameter| self.write(&quote!(#arguments), parameter))
            .collect();
        let start =
            quote!(#krate::__private::Arguments::new(self, Self::#constant.operation()) #(#segments)*);
        let call = if others.is_empty() {
            quote!(#start.call(Self::#constant))
        } else {
            quote!({ let mut #arguments = #start; #(#others)* #arguments.call(Self::#constant) })
        };
        match operation.optional().next() {
            Some(_) => {
                let name = &operation.call;
                quote!(#name { call: #call })
            }
            None => call,
        }
    }

    /// Writes a parameter that has a name on the wire.
    fn write(&self, arguments: &TokenStream, parameter: &Parameter) -> TokenStream {
        let Parameter { ident, ty, place, wire, .. } = parameter;
        let write = Ident::new(place.attribute(), ty.span());
        quote!(#arguments.#write(#wire, &#ident);)
    }

    fn description(&self) -> TokenStream {
        let Self { krate, declared, operation, owner } = self;
        let Declared { attrs, sig, .. } = declared;
        let Operation { method, template, answer, error, .. } = operation;
        let private = quote!(#krate::__private);
        let name = sig.ident.unraw().to_string();
        let pieces = template.pieces.iter().map(|piece| match piece {
            Piece::Literal(text) => quote!(#private::Piece::Literal(#text)),
            Piece::Parameter(name) => quote!(#private::Piece::Parameter(#name)),
        });
        let parameters = operation.parameters.iter().map(|Parameter { wire, place, optional, .. }| {
            let place = Ident::new(&format!("{place:?}"), Span::mixed_site());
            let required = optional.is_none();
            quote!(#krate::Parameter::new(#wire, #krate::Place::#place, #required))
        });
        let answer = written(answer);
        let fails = error.iter().map(written);
        let docs = docs(attrs);
        quote! {
            #krate::Operation::new(#owner, #name, #method)
                .path_pieces(&[#(#pieces),*])
                .with_parameters(&[#(#parameters),*])
                .answers(#answer)
                #(.fails(#fails))*
                .documented(#docs)
        }
    }

    /// `GET` for `get`.
    fn constant(&self) -> Ident {
        let name = &self.declared.sig.ident;
        Ident::new(&name.unraw().to_string().to_uppercase(), name.span())
    }

    /// The `cfg`s, which everything of the operation bears.
    fn gates(&self) -> Vec<&Attribute> {
        self.declared.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect()
    }
}

/// The text of the doc comments.
fn docs(attrs: &[Attribute]) -> String {
    let lines = attrs.iter().filter(|attribute| attribute.path().is_ident("doc")).filter_map(|attribute| {
        let Meta::NameValue(pair) = &attribute.meta else { return None };
        let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value else { return None };
        let text = text.value();
        Some(text.strip_prefix(' ').unwrap_or(&text).to_owned())
    });
    lines.collect::<Vec<_>>().join("\n")
}
