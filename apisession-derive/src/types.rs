//! Types as authors write them.

use quote::ToTokens;
use syn::Type;

/// A type as an author would write it.
pub(crate) fn written(ty: &Type) -> String {
    let spaced = ty.to_token_stream().to_string();
    [(" < ", "<"), ("< ", "<"), (" >", ">"), (" :: ", "::"), (" ,", ","), ("& ", "&")]
        .iter()
        .fold(spaced, |text, (from, to)| text.replace(from, to))
}

/// Peels what macro-made input wraps around a type.
pub(crate) fn peeled(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peeled(&group.elem),
        Type::Paren(paren) => peeled(&paren.elem),
        ty => ty,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_reads_as_it_was_written() {
        for text in ["Vec<Event>", "Option<a::B>", "Result<(A, B), C>", "&str"] {
            assert_eq!(written(&syn::parse_str(text).unwrap()), text);
        }
    }
}
