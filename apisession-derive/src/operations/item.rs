//! Parses and checks the tokens of one item.

use proc_macro2::{Ident, TokenStream};
use syn::parse::Parser;
use syn::{Attribute, FnArg, ImplItem};

use super::parameter::Parameter;
use super::parse::{Declared, Graft, Operation, Verb};
use super::{check, cut, page, poll};
use crate::keys::{self, Keys};
use crate::mistakes::Mistakes;

/// One item of an `#[endpoint] impl`.
pub(super) enum Item {
    Operation(Box<Declared>, Box<Operation>),
    Graft(Box<Declared>, Box<Graft>),
    /// An operation with mistakes. Its signature is kept, so that its callers compile.
    Mistaken(Box<Declared>, Mistakes),
    /// Plain Rust, and its tokens.
    Plain(Box<ImplItem>, TokenStream),
    /// What a declaration is if none of its `cfg_attr`s makes it an operation.
    Otherwise(TokenStream),
    /// An item that can't be parsed.
    Broken(Mistakes),
}

impl Item {
    /// Returns the name of the method, if the item is one.
    pub(super) fn name(&self) -> Option<&Ident> {
        match self {
            Self::Operation(declared, _) | Self::Graft(declared, _) | Self::Mistaken(declared, _) => {
                Some(&declared.sig.ident)
            }
            Self::Plain(item, _) => match &**item {
                ImplItem::Fn(function) => Some(&function.sig.ident),
                _ => None,
            },
            Self::Otherwise(_) | Self::Broken(_) => None,
        }
    }
}

/// Reads one item, or one for each `cfg_attr` that makes it an operation. Mistakes are kept with the item.
pub(super) fn read(item: cut::Item, owner: &Ident) -> Vec<Item> {
    match item {
        cut::Item::Declared(declared) => {
            let (declared, otherwise) = declared.alternatives();
            let items = declared.into_iter().map(|declared| declaration(declared, owner));
            items.chain(otherwise.map(Item::Otherwise)).collect()
        }
        cut::Item::Plain(item, tokens) => vec![plain(item, tokens)],
        cut::Item::Broken(broken) => vec![Item::Broken(incomplete(broken))],
    }
}

fn plain(item: Box<ImplItem>, tokens: TokenStream) -> Item {
    let mut mistakes = Mistakes::default();
    check::plain(&item, &mut mistakes);
    if mistakes.is_empty() { Item::Plain(item, tokens) } else { Item::Broken(mistakes) }
}

/// Returns why the tokens are no item.
fn incomplete(broken: cut::Broken) -> Mistakes {
    let mut mistakes = Mistakes::default();
    let declares = broken.is_declaration();
    let tokens = broken.tokens;
    if declares {
        mistakes.take(Declared::parse.parse2(tokens.clone()).map_err(|error| with_span(error, &tokens)));
    } else {
        mistakes.take(syn::parse2::<ImplItem>(tokens));
    }
    mistakes
}

fn declaration(mut declared: Declared, owner: &Ident) -> Item {
    let mut mistakes = Mistakes::default();
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
    if let Some((_, pages)) = &verb.pages {
        page::check(&verb, pages, &declared.sig, &parameters, mistakes);
    }
    if let Some(polls) = &verb.polls {
        poll::check(&verb, polls, &parameters, mistakes);
    }
    let returns = check::returns(&verb, &declared.sig, mistakes);
    let call = verb.call_name(owner, &declared.sig.ident, mistakes);
    let (response, error) = returns?;
    Some(Operation { verb, template: template?, parameters, response, error, call })
}
