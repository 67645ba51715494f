//! Parses and checks the tokens of one item.

use proc_macro2::{Ident, TokenStream};
use syn::parse::Parser;
use syn::{Attribute, FnArg, ImplItem};

use super::parse::{Declared, Graft, Operation, Parameter, Verb};
use super::{check, cut};
use crate::keys::{self, Keys};
use crate::mistakes::Mistakes;

/// One item of an `#[endpoint] impl`.
pub(super) enum Item {
    Operation(Box<Declared>, Box<Operation>),
    Graft(Box<Declared>, Box<Graft>),
    /// An operation with mistakes. Its signature is kept, so that its callers compile.
    Mistaken(Box<Declared>, Mistakes),
    /// Plain Rust.
    Plain(TokenStream),
    /// An item that can't be parsed.
    Broken(Mistakes),
}

/// Parses one item. Its mistakes are kept with it.
pub(super) fn read(item: cut::Item, owner: &Ident) -> Item {
    let mut mistakes = Mistakes::default();
    let declares = item.is_declaration();
    let tokens = item.tokens;
    if !declares {
        return match mistakes.take(syn::parse2::<ImplItem>(tokens.clone())) {
            Some(item) => {
                check::plain(&item, &mut mistakes);
                if mistakes.is_empty() { Item::Plain(tokens) } else { Item::Broken(mistakes) }
            }
            None => Item::Broken(mistakes),
        };
    }
    let Some(mut declared) =
        mistakes.take(Declared::parse.parse2(tokens.clone()).map_err(|error| with_span(error, &tokens)))
    else {
        return Item::Broken(mistakes);
    };
    if let Some(attribute) = Graft::take(&mut declared) {
        return match graft(&attribute, &mut declared, &mut mistakes) {
            Some(graft) if mistakes.is_empty() => Item::Graft(Box::new(declared), Box::new(graft)),
            _ => Item::Mistaken(Box::new(declared), mistakes),
        };
    }
    match operation(&mut declared, owner, &mut mistakes) {
        Some(operation) if mistakes.is_empty() => Item::Operation(Box::new(declared), Box::new(operation)),
        _ => Item::Mistaken(Box::new(declared), mistakes),
    }
}

/// Parses and checks a declaration with `#[graft]`.
fn graft(attribute: &Attribute, declared: &mut Declared, mistakes: &mut Mistakes) -> Option<Graft> {
    let path = Keys::from_attribute(attribute, keys::GRAFT, mistakes).text;
    check::signature(&declared.sig, mistakes);
    check::single_purpose(declared, mistakes);
    let template = check::template(path.as_ref(), mistakes);
    let mut parameters = parameters(declared, mistakes);
    check::captured(path.as_ref(), template.as_ref(), &mut parameters, mistakes);
    let endpoint = check::grafted(&declared.sig, mistakes)?;
    Some(Graft { template: template?, parameters, endpoint })
}

/// Parses the parameters, and removes their attributes.
fn parameters(declared: &mut Declared, mistakes: &mut Mistakes) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    for argument in &mut declared.sig.inputs {
        if let FnArg::Typed(argument) = argument {
            parameters.extend(Parameter::take(argument, mistakes));
        }
    }
    parameters
}

/// Moves an error about the end of the input, which has no span, to the last token.
fn with_span(error: syn::Error, tokens: &TokenStream) -> syn::Error {
    match tokens.clone().into_iter().last() {
        Some(last) if error.to_string().starts_with("unexpected end of input") => {
            syn::Error::new_spanned(last, "the declaration is incomplete; it ends here")
        }
        _ => error,
    }
}

/// Parses and checks the declaration of an operation.
fn operation(declared: &mut Declared, owner: &Ident, mistakes: &mut Mistakes) -> Option<Operation> {
    let verb = Verb::take(declared, mistakes)?;
    check::signature(&declared.sig, mistakes);
    let template = check::template(verb.path.as_ref(), mistakes);
    let mut parameters = parameters(declared, mistakes);
    check::places(&verb, template.as_ref(), &mut parameters, mistakes);
    let returns = check::returns(&declared.sig, mistakes);
    let call = verb.call_name(owner, &declared.sig.ident, mistakes);
    let (response, error) = returns?;
    let Verb { method, settings, credential, key, .. } = verb;
    let template = template?;
    Some(Operation { method, template, parameters, response, error, call, settings, credential, key })
}
