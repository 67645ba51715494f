//! Types as authors write them in their source.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type};

/// Returns the type with the spacing of hand-written source.
pub(crate) fn written(code: &impl ToTokens) -> String {
    let spaced = code.to_token_stream().to_string();
    [(" < ", "<"), ("< ", "<"), (" >", ">"), (" :: ", "::"), (" ,", ","), ("& ", "&")]
        .iter()
        .fold(spaced, |text, (from, to)| text.replace(*from, to))
}

/// Removes the invisible groups and parentheses that input from another macro can have around a type.
pub(crate) fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        ty => ty,
    }
}

/// Returns `T`, if the type is `Option<T>`.
pub(crate) fn optional(ty: &Type) -> Option<Type> {
    let mut arguments = arguments_of(ty, "Option")?;
    if arguments.len() == 1 { arguments.pop() } else { None }
}

/// Returns the last name of a path, as `Event` of `models::Event`.
pub(crate) fn last_segment(ty: &Type) -> Option<Ident> {
    let Type::Path(path) = ungrouped(ty) else { return None };
    path.path.segments.last().map(|segment| segment.ident.clone())
}

/// Returns `T`, if the type is a path that ends in `name<T>`.
pub(crate) fn argument_of<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = ungrouped(ty) else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(ty)) if arguments.args.len() == 1 => Some(ty),
        _ => None,
    }
}

/// Returns the type arguments, if the type is a path that ends in `name<…>`.
pub(crate) fn arguments_of(ty: &Type, name: &str) -> Option<Vec<Type>> {
    let Type::Path(path) = ungrouped(ty) else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    let mut types = Vec::new();
    for argument in &arguments.args {
        let GenericArgument::Type(ty) = argument else { return None };
        types.push(ty.clone());
    }
    Some(types)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_reads_as_it_was_written() {
        for text in ["Vec<Event>", "Option<a::B>", "Result<(A, B), C>", "&str"] {
            assert_eq!(written(&syn::parse_str::<Type>(text).unwrap()), text);
        }
    }
}
