//! Types as authors write them in their source.

use quote::ToTokens;
use syn::Type;

/// Returns the type with the spacing of hand-written source.
pub(crate) fn written(code: &impl ToTokens) -> String {
    let spaced = code.to_token_stream().to_string();
    [(" < ", "<"), ("< ", "<"), (" >", ">"), (" :: ", "::"), (" ,", ","), ("& ", "&")]
        .iter()
        .fold(spaced, |text, (from, to)| text.replace(from, to))
}

/// Removes the invisible groups and parentheses that input from another macro can have around a type.
pub(crate) fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        ty => ty,
    }
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
