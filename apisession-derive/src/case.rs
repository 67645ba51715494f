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
        let mut words = Vec::new();
        for word in name.split('_').filter(|word| !word.is_empty()) {
            words.push(word.to_lowercase());
        }
        self.join(&words)
    }

    /// Joins words in lower case.
    pub(crate) fn join(self, words: &[String]) -> String {
        let gap = match self {
            Self::Snake | Self::ScreamingSnake => "_",
            Self::Kebab | Self::ScreamingKebab => "-",
            Self::Camel | Self::Lower | Self::Pascal | Self::Upper => "",
        };
        let mut name = String::new();
        for (index, word) in words.iter().enumerate() {
            if index > 0 {
                name.push_str(gap);
            }
            match self {
                Self::Upper | Self::ScreamingSnake | Self::ScreamingKebab => name += &word.to_uppercase(),
                Self::Camel if index == 0 => name += word,
                Self::Camel | Self::Pascal => {
                    let mut chars = word.chars();
                    if let Some(first) = chars.next() {
                        name.extend(first.to_uppercase());
                    }
                    name += chars.as_str();
                }
                Self::Kebab | Self::Lower | Self::Snake => name += word,
            }
        }
        name
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
