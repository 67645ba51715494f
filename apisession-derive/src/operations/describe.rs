//! Writes down an operation or a graft for its descriptor.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{LitStr, Type};

use super::parameter::{Parameter, Place};
use super::parse::{Declared, Graft, Operation};
use super::stream::Stream;
use crate::record::Record;
use crate::source::source;
use crate::template::Template;
use crate::types::{argument_of, last_segment, optional, ungrouped};

/// Generates the call that makes the declaration: its method, its path, its types by their index in the table, and its text.
pub(super) fn declaration(
    krate: &TokenStream,
    owner: &str,
    declared: &Declared,
    operation: &Operation,
    types: usize,
) -> TokenStream {
    let Operation { verb, template, parameters, .. } = operation;
    let (method, path) = (&verb.method, template.to_string());
    let mut text = record(owner, declared, operation);
    let is_gated = parameters.iter().any(|parameter| !parameter.gates.is_empty());
    let mut gated = TokenStream::new();
    for found in parameters {
        let (gates, parameter) = (&found.gates, parameter(found, template));
        if is_gated {
            gated.extend(quote!(#(#gates)* #parameter,));
        } else {
            text.push(&parameter);
        }
    }
    let gated = is_gated.then(|| quote!(.with_parameters(&[#gated])));
    let facts = facts(krate, &operation.parameters).map(|facts| quote!(.with_facts(#facts)));
    quote!(#krate::__private::Declaration::new(#method, #path, #types, #text) #gated #facts)
}

/// The text of a graft.
pub(super) fn graft(declared: &Declared, graft: &Graft) -> Record {
    let mut record = Record::new(&declared.sig.ident.unraw().to_string());
    record.flag("graft", true);
    record.docs(&declared.attrs);
    for found in sure(graft) {
        record.push(&parameter(found, &graft.template));
    }
    record
}

/// The parameters of a graft that are always there.
pub(super) fn sure(graft: &Graft) -> impl Iterator<Item = &Parameter> {
    graft.parameters.iter().filter(|parameter| parameter.gates.is_empty())
}

/// Generates what is known of the parameters by their types, as a slice, unless that can be nothing.
pub(super) fn facts<'a>(
    krate: &TokenStream,
    parameters: impl IntoIterator<Item = &'a Parameter>,
) -> Option<TokenStream> {
    let mut facts = TokenStream::new();
    for parameter in parameters {
        if let Some(ty) = known(parameter) {
            let gates = &parameter.gates;
            facts.extend(quote!(#(#gates)* #krate::__private::Probe::<#ty>::FACTS,));
        }
    }
    (!facts.is_empty()).then(|| quote!(&[#facts]))
}

/// Returns the name of the mode of an operation whose keys or whose type tell that it returns a stream.
pub(super) fn mode(stream: Option<&Stream>, response: &Type) -> Option<&'static str> {
    match stream {
        Some(stream) => Some(stream.mode()),
        None => {
            let name = last_segment(&optional(response).unwrap_or_else(|| response.clone()))?;
            [
                ("ByteStream", "Download"),
                ("Download", "Download"),
                ("EventStream", "Events"),
                ("Lines", "Lines"),
            ]
            .into_iter()
            .find(|(of, _)| name == *of)
            .map(|(_, mode)| mode)
        }
    }
}

fn record(owner: &str, declared: &Declared, operation: &Operation) -> Record {
    let Declared { attrs, sig, .. } = declared;
    let Operation { verb, response, error, call, .. } = operation;
    let mut record = Record::new(&sig.ident.unraw().to_string());
    record.unit("endpoint", &owner.replace("r#", ""));
    record.unit("response", &source(response));
    record.maybe("error", error.as_ref().map(source));
    record.maybe("call", operation.optional().next().map(|_| call.to_string()));
    record.maybe("pages", operation.pages().map(|pages| pages.name()));
    record.maybe("polls", operation.polls().map(|polls| polls.style()));
    record.flag("form", operation.is_form());
    record.extend(&verb.described);
    record.deprecated(attrs);
    record.docs(attrs);
    record
}

fn parameter(parameter: &Parameter, template: &Template) -> Record {
    let Parameter { wire, ident, place, style, part, .. } = parameter;
    let mut record = Record::new(wire);
    let argument = ident.unraw().to_string();
    record.maybe("argument", (argument != *wire).then_some(argument));
    record.unit(
        "in",
        match place {
            Place::Headers => "header",
            Place::Url => "url",
            place => place.attribute(),
        },
    );
    record.unit("type", &source(parameter.given()));
    record.flag("typed", known(parameter).is_some());
    record.flag("optional", parameter.optional.is_some());
    record.maybe("default", parameter.default.as_ref().map(source));
    record.flag("flattened", *place == Place::Headers || style.nested == Some("Flat"));
    record.flag("json", style.json.is_some());
    record.flag("flag", style.flag.is_some());
    record.maybe("list", style.list);
    record.maybe("nested", style.nested.filter(|nested| *nested != "Flat"));
    record.flag("greedy", *place == Place::Path && template.is_greedy(wire));
    record.flag("empty_segments", parameter.empty_segments.is_some());
    record.maybe("prefix", parameter.prefix.as_ref().map(LitStr::value));
    record.maybe("encode_with", parameter.encode_with.as_ref().map(source));
    if *place == Place::Part {
        part.describe(&mut record);
    } else {
        record.maybe("content_type", parameter.content_type.as_ref().map(LitStr::value));
    }
    record.docs(&parameter.docs);
    record
}

/// The type of which something may be known: an enum of known values, or a secret. It is that of a single value, and no type of the
/// standard library, so that the compiler has nothing to do for most parameters.
fn known(parameter: &Parameter) -> Option<&Type> {
    let is_value = matches!(
        parameter.place,
        Place::Cookie | Place::Field | Place::Header | Place::Part | Place::Path | Place::Query
    );
    let ty = single(&parameter.ty);
    // As text, since each comparison with an identifier makes one.
    let name = match ty {
        Type::Path(path) => path.path.get_ident().map(ToString::to_string),
        _ => None,
    };
    let is_std = name.is_some_and(|name| STD.contains(&name.as_str()));
    let is_generic = matches!(ty, Type::ImplTrait(_) | Type::Tuple(_));
    (is_value && !is_std && !is_generic && parameter.style.nested != Some("Flat")).then_some(ty)
}

const STD: [&str; 18] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8", "u16", "u32",
    "u64", "u128", "usize", "String",
];

/// The type without references, and that of the values of an `Option`, a `Vec` or a slice.
fn single(ty: &Type) -> &Type {
    let inner = match ungrouped(ty) {
        Type::Array(array) => &*array.elem,
        Type::Reference(reference) => &*reference.elem,
        Type::Slice(slice) => &*slice.elem,
        ty => match argument_of(ty, "Option").or_else(|| argument_of(ty, "Vec")) {
            Some(inner) => inner,
            None => return ty,
        },
    };
    single(inner)
}
