//! How names are written that the server knows in another case: `rename_all = "kebab-case"`.

use syn::LitStr;

use crate::mistakes::Mistakes;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Case {
    Camel,
    Kebab,
    Lower,
    Pascal,
    ScreamingKebab,
    ScreamingSnake,
    Snake,
    Upper,
}

const CASES: [(&str, Case); 8] = [
    ("camelCase", Case::Camel),
    ("kebab-case", Case::Kebab),
    ("lowercase", Case::Lower),
    ("PascalCase", Case::Pascal),
    ("SCREAMING-KEBAB-CASE", Case::ScreamingKebab),
    ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
    ("snake_case", Case::Snake),
    ("UPPERCASE", Case::Upper),
];

impl Case {
    pub(crate) fn parse(text: &LitStr, mistakes: &mut Mistakes) -> Option<Self> {
        let found = CASES.iter().find(|(name, _)| text.value() == *name).map(|(_, case)| *case);
        if found.is_none() {
            let names = CASES.map(|(name, _)| format!("`{name:?}`")).join(", ");
            mistakes.at(text, format!("`rename_all` must be one of {names}"));
        }
        found
    }

    /// The name of a field, which is written in `snake_case`.
    pub(crate) fn of_field(self, name: &str) -> String {
        self.join(&name.split('_').filter(|word| !word.is_empty()).map(str::to_lowercase).collect::<Vec<_>>())
    }

    /// Joins words in lower case.
    pub(crate) fn join(self, words: &[String]) -> String {
        let capital = |word: &String| {
            let mut chars = word.chars();
            chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default() + chars.as_str()
        };
        match self {
            Self::Lower => words.concat(),
            Self::Upper => words.concat().to_uppercase(),
            Self::Snake => words.join("_"),
            Self::ScreamingSnake => words.join("_").to_uppercase(),
            Self::Kebab => words.join("-"),
            Self::ScreamingKebab => words.join("-").to_uppercase(),
            Self::Pascal => words.iter().map(capital).collect(),
            Self::Camel => {
                let rest = words.iter().skip(1).map(capital);
                words.first().cloned().into_iter().chain(rest).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_case_that_is_declared() {
        let rows = [
            "parentId",
            "parent-id",
            "parentid",
            "ParentId",
            "PARENT-ID",
            "PARENT_ID",
            "parent_id",
            "PARENTID",
        ];
        for ((name, case), expected) in CASES.iter().zip(rows) {
            assert_eq!(case.of_field("parent_id"), expected, "{name}");
        }
    }
}
