//! Writes a value as the pairs of a query or a form, `a=1&b=2`.

use std::borrow::Cow;

use url::form_urlencoded;

use super::argument::ArgumentError;
use super::percent::push_encoded;
use super::value::{Encodable, Group, ListStyle, Nested, Sink, Style, walk};

/// Appends the pairs of `value` to `out`. Without a name, the value is a struct or a map, and the names are those of its fields.
pub(crate) fn write<T: Encodable + ?Sized>(
    out: &mut String,
    name: Option<&str>,
    value: &T,
    style: Style,
) -> Result<(), ArgumentError> {
    let has_name = name.is_some();
    let name = Cow::Borrowed(name.unwrap_or_default());
    walk(value, &mut Writer { out, style, has_name, name, level: None, outer: Vec::new() })
}

/// The text that an encoded name stands for.
pub(super) fn decoded(name: &str) -> String {
    form_urlencoded::parse(name.as_bytes()).map(|(name, _)| name.into_owned()).collect()
}

/// Writes the pairs of one value.
struct Writer<'a> {
    out: &'a mut String,
    style: Style,
    /// Whether the value as a whole has a name.
    has_name: bool,
    /// The name of the pair that comes next.
    name: Cow<'a, str>,
    /// The innermost list, struct or map that is open.
    level: Option<Level>,
    /// Those around it.
    outer: Vec<Level>,
}

/// A list, a struct or a map that is open.
struct Level {
    group: Group,
    /// How long the name was before, and how long it is within.
    before: usize,
    within: usize,
    /// Whether the keys are whole names.
    is_root: bool,
    /// The items of a list that have been written.
    items: usize,
    /// Where the last item of a list of structs starts in the text.
    last: usize,
    /// Where this item of such a list starts.
    start: usize,
}

impl Writer<'_> {
    fn push(&mut self, text: &str) -> Result<(), ArgumentError> {
        if !self.has_name && self.level.is_none() {
            return Err(ArgumentError::Nameless("a single value".to_owned()));
        }
        if !self.out.is_empty() {
            self.out.push('&');
        }
        push_encoded(self.out, &self.name);
        self.out.push('=');
        push_encoded(self.out, text);
        Ok(())
    }

    /// Appends an item to the value of the last pair.
    fn join(&mut self, text: &str) {
        match self.style.list {
            // A comma inside an item is encoded, so it is distinct.
            ListStyle::Comma => self.out.push(','),
            ListStyle::Pipes => push_encoded(self.out, "|"),
            _ => push_encoded(self.out, " "),
        }
        push_encoded(self.out, text);
    }

    fn item(&mut self, index: usize, text: &str) -> Result<(), ArgumentError> {
        match self.style.list {
            ListStyle::Repeat | ListStyle::Brackets => self.push(text),
            ListStyle::Indices => {
                let length = self.name.len();
                self.enter_item(index);
                self.push(text)?;
                self.shorten(length);
                Ok(())
            }
            // OpenAPI 3.1 encodes these separators, so one inside an item can't be told apart.
            ListStyle::Pipes if text.contains('|') => Err(ArgumentError::Separator("a pipe")),
            ListStyle::Spaces if text.contains(' ') => Err(ArgumentError::Separator("a space")),
            ListStyle::Comma | ListStyle::Pipes | ListStyle::Spaces if index == 0 => self.push(text),
            ListStyle::Comma | ListStyle::Pipes | ListStyle::Spaces => {
                self.join(text);
                Ok(())
            }
        }
    }

    /// Checks that a list, struct or map can be an item of a list, and extends the name by its index.
    fn open_item(&mut self, group: Group, index: usize) -> Result<(), ArgumentError> {
        let is_list = group == Group::List;
        let nests = is_list || matches!(self.style.nested, Nested::Dots | Nested::Brackets);
        match self.style.list {
            ListStyle::Indices if nests => self.enter_item(index),
            ListStyle::Brackets if nests && !is_list => {}
            _ if is_list => return Err(ArgumentError::Items("a list".to_owned(), "")),
            _ => {
                let style = " or `list = \"brackets\"`, with `nested = \"brackets\"`";
                return Err(ArgumentError::Items(group.noun().to_owned(), style));
            }
        }
        Ok(())
    }

    fn enter_item(&mut self, index: usize) {
        self.name.to_mut().extend(["[", itoa::Buffer::new().format(index), "]"]);
    }

    /// Checks that a struct or a map that is no item can be opened, and returns whether its keys are whole names.
    fn open_field(&mut self, group: Group) -> Result<bool, ArgumentError> {
        let group = group.noun().to_owned();
        match (&self.level, self.style.nested) {
            (None, _) if !self.has_name => Ok(true),
            (None, Nested::Refused) => Err(ArgumentError::Nested(group)),
            (Some(_), Nested::Refused) => Err(ArgumentError::Inner(group)),
            (Some(_), Nested::Flat) => Err(ArgumentError::Deep(group)),
            (None, Nested::Flat) => {
                self.name = Cow::Borrowed("");
                Ok(true)
            }
            (_, Nested::Dots | Nested::Brackets) => Ok(false),
        }
    }

    fn shorten(&mut self, length: usize) {
        if self.name.len() > length {
            self.name.to_mut().truncate(length);
        }
    }

    /// Counts the struct or map that ends as an item of the list around it.
    fn close_item(&mut self) -> Result<(), ArgumentError> {
        let written = self.out.len();
        let Some(list) = self.level.as_mut().filter(|level| level.group == Group::List) else {
            return Ok(());
        };
        if written == list.start {
            return Ok(());
        }
        let (last, start) = (list.last, list.start);
        (list.items, list.last) = (list.items + 1, start);
        if self.style.list == ListStyle::Brackets && list.items > 1 {
            let mut name = String::new();
            push_encoded(&mut name, &self.name);
            return unmerged(&name, &self.out[last..start], &self.out[start..]);
        }
        Ok(())
    }
}

/// Checks that servers can tell an item of `a[][b]=1` from the one before. They begin a new one at a name that the last one has; a
/// name with another `[]` after that of the list begins none.
fn unmerged(list: &str, last: &str, item: &str) -> Result<(), ArgumentError> {
    let names = |text| str::split(text, '&').filter_map(|pair| Some(pair.split_once('=')?.0));
    let Some(first) = names(item).next() else { return Ok(()) };
    let is_in_list = first.strip_prefix(list).is_some_and(|rest| rest.contains("%5B%5D"));
    if !is_in_list && names(last).any(|name| name == first) {
        return Ok(());
    }
    Err(ArgumentError::Merged(decoded(first)))
}

impl Sink for Writer<'_> {
    fn scalar(&mut self, text: &str) -> Result<(), ArgumentError> {
        match &mut self.level {
            Some(Level { group: Group::List, items, .. }) => {
                let index = std::mem::replace(items, *items + 1);
                self.item(index, text)
            }
            _ => self.push(text),
        }
    }

    fn open(&mut self, group: Group) -> Result<(), ArgumentError> {
        let before = self.name.len();
        let mut is_root = false;
        match &mut self.level {
            Some(list) if list.group == Group::List => {
                let index = list.items;
                list.start = self.out.len();
                self.open_item(group, index)?;
            }
            None if group == Group::List && !self.has_name => {
                return Err(ArgumentError::Nameless("a list".to_owned()));
            }
            _ if group == Group::List => {}
            _ => is_root = self.open_field(group)?,
        }
        if group == Group::List && self.style.list == ListStyle::Brackets {
            self.name.to_mut().push_str("[]");
        }
        let within = self.name.len();
        let level = Level { group, before, within, is_root, items: 0, last: 0, start: 0 };
        self.outer.extend(self.level.replace(level));
        Ok(())
    }

    fn enter(&mut self, key: &str) -> Result<(), ArgumentError> {
        let is_root = self.level.as_ref().is_some_and(|level| level.is_root);
        match self.style.nested {
            _ if is_root => self.name.to_mut().push_str(key),
            Nested::Dots => self.name.to_mut().extend([".", key]),
            _ => self.name.to_mut().extend(["[", key, "]"]),
        }
        Ok(())
    }

    fn leave(&mut self) {
        let within = self.level.as_ref().map_or(0, |level| level.within);
        self.shorten(within);
    }

    fn close(&mut self) -> Result<(), ArgumentError> {
        let closed = std::mem::replace(&mut self.level, self.outer.pop());
        self.shorten(closed.map_or(0, |level| level.before));
        self.close_item()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;

    use super::*;

    #[derive(Serialize)]
    struct Point {
        #[serde(skip_serializing_if = "Option::is_none")]
        x: Option<u8>,
        y: u8,
    }

    #[derive(Serialize)]
    struct Shape<'a> {
        name: &'a str,
        points: &'a [Point],
        sizes: &'a [[u8; 2]],
    }

    const POINTS: [Point; 2] = [Point { x: Some(1), y: 2 }, Point { x: Some(3), y: 4 }];
    const SHAPE: Shape<'_> = Shape { name: "a b", points: &POINTS, sizes: &[[5, 6], [7, 8]] };

    fn query<T: Serialize>(value: &T, list: ListStyle, nested: Nested) -> Result<String, String> {
        let mut text = String::new();
        write(&mut text, Some("a"), value, Style { list, nested }).map_err(|error| error.to_string())?;
        Ok(text.replace("%5B", "[").replace("%5D", "]"))
    }

    fn form<T: Serialize>(value: &T, list: ListStyle, nested: Nested) -> Result<String, String> {
        let mut text = String::new();
        write(&mut text, None, value, Style { list, nested }).map_err(|error| error.to_string())?;
        Ok(text.replace("%5B", "[").replace("%5D", "]"))
    }

    type Row = (Result<String, String>, Result<&'static str, &'static str>);

    fn check(rows: &[Row]) {
        for (row, (found, expected)) in rows.iter().enumerate() {
            match (found, expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected, "row {row}"),
                (Err(found), Err(expected)) => assert!(found.contains(expected), "row {row}: {found}"),
                _ => panic!("row {row}: {found:?} is not {expected:?}"),
            }
        }
    }

    #[test]
    fn a_list_is_written_in_each_style() {
        use ListStyle::{Brackets, Comma, Indices, Pipes, Repeat, Spaces};
        let texts = ["x", "y,z"];
        let plain = |list| query(&texts, list, Nested::Refused);
        check(&[
            (plain(Repeat), Ok("a=x&a=y%2Cz")),
            (plain(Comma), Ok("a=x,y%2Cz")),
            (plain(Brackets), Ok("a[]=x&a[]=y%2Cz")),
            (plain(Indices), Ok("a[0]=x&a[1]=y%2Cz")),
            (plain(Pipes), Ok("a=x%7Cy%2Cz")),
            (plain(Spaces), Ok("a=x%20y%2Cz")),
            (query(&["x y", "z"], Pipes, Nested::Refused), Ok("a=x%20y%7Cz")),
            (query(&["x|y", "z"], Spaces, Nested::Refused), Ok("a=x%7Cy%20z")),
            (query(&["x", "y|z"], Pipes, Nested::Refused), Err("contains an item with a pipe")),
            (query(&["x", "y z"], Spaces, Nested::Refused), Err("contains an item with a space")),
            (query(&"y z", Spaces, Nested::Refused), Ok("a=y%20z")),
            (query(&[Some(1), None, Some(2)], Indices, Nested::Refused), Ok("a[0]=1&a[1]=2")),
            (query(&[1_u8; 0], Indices, Nested::Refused), Ok("")),
            (query(&["", ""], Comma, Nested::Refused), Ok("a=,")),
            (
                query(&[[1, 2], [3, 4]], Indices, Nested::Refused),
                Ok("a[0][0]=1&a[0][1]=2&a[1][0]=3&a[1][1]=4"),
            ),
            (query(&[vec![], vec![1]], Indices, Nested::Refused), Ok("a[0][0]=1")),
            (query(&[[1]], Repeat, Nested::Refused), Err("contains a list in a list")),
            (query(&[[1]], Brackets, Nested::Brackets), Err("contains a list in a list")),
            (query(&[[1]], Comma, Nested::Brackets), Err("contains a list in a list")),
        ]);
    }

    #[test]
    fn a_list_of_structs_is_written_where_the_style_has_a_name_for_its_items() {
        use ListStyle::{Brackets, Comma, Indices, Pipes, Repeat};
        let indices = "a[name]=a%20b&a[points][0][x]=1&a[points][0][y]=2&a[points][1][x]=3&a[points][1][y]=4&a[sizes][0][0]=5&\
                       a[sizes][0][1]=6&a[sizes][1][0]=7&a[sizes][1][1]=8";
        let absent = |first, second| [Point { x: first, y: 1 }, Point { x: second, y: 2 }];
        let lists = [BTreeMap::from([("l", [1, 2])]), BTreeMap::from([("l", [3, 4])])];
        let deep = [BTreeMap::from([("l", &POINTS)])];
        check(&[
            (query(&POINTS, Indices, Nested::Brackets), Ok("a[0][x]=1&a[0][y]=2&a[1][x]=3&a[1][y]=4")),
            (query(&POINTS, Indices, Nested::Dots), Ok("a[0].x=1&a[0].y=2&a[1].x=3&a[1].y=4")),
            (query(&POINTS, Brackets, Nested::Brackets), Ok("a[][x]=1&a[][y]=2&a[][x]=3&a[][y]=4")),
            (query(&SHAPE, Indices, Nested::Brackets), Ok(indices)),
            (query(&POINTS, Repeat, Nested::Brackets), Err("contains a struct in a list")),
            (query(&POINTS, Comma, Nested::Dots), Err("contains a struct in a list")),
            (query(&POINTS, Pipes, Nested::Dots), Err("contains a struct in a list")),
            (query(&POINTS, Indices, Nested::Refused), Err("contains a struct in a list")),
            (query(&POINTS, Indices, Nested::Flat), Err("contains a struct in a list")),
            // Servers begin a new item at a name that the last one has.
            (query(&absent(Some(7), None), Brackets, Nested::Brackets), Ok("a[][x]=7&a[][y]=1&a[][y]=2")),
            (query(&absent(None, Some(7)), Brackets, Nested::Brackets), Err("a part of the item before it")),
            (query(&lists, Brackets, Nested::Brackets), Err("its first field, `a[][l][]`")),
            (
                query(&deep, Brackets, Nested::Brackets),
                Ok("a[][l][][x]=1&a[][l][][y]=2&a[][l][][x]=3&a[][l][][y]=4"),
            ),
            (query(&absent(None, Some(7)), Indices, Nested::Brackets), Ok("a[0][y]=1&a[1][x]=7&a[1][y]=2")),
        ]);
    }

    #[test]
    fn a_value_without_a_name_is_a_form() {
        use ListStyle::{Brackets, Indices, Repeat};
        let map = BTreeMap::from([("~*", "a b+c"), ("é", "&=")]);
        let point = Point { x: None, y: 1 };
        check(&[
            (form(&map, Repeat, Nested::Refused), Ok("~%2A=a%20b%2Bc&%C3%A9=%26%3D")),
            (form(&point, Repeat, Nested::Flat), Ok("y=1")),
            (form(&Some(BTreeMap::from([("l", [1, 2])])), Repeat, Nested::Refused), Ok("l=1&l=2")),
            (form(&BTreeMap::from([("p", &POINTS[0])]), Repeat, Nested::Brackets), Ok("p[x]=1&p[y]=2")),
            (form(&BTreeMap::from([("p", &POINTS[0])]), Repeat, Nested::Dots), Ok("p.x=1&p.y=2")),
            (
                form(&BTreeMap::from([("p", &POINTS)]), Indices, Nested::Brackets),
                Ok("p[0][x]=1&p[0][y]=2&p[1][x]=3&p[1][y]=4"),
            ),
            (
                form(&BTreeMap::from([("p", &POINTS)]), Brackets, Nested::Brackets),
                Ok("p[][x]=1&p[][y]=2&p[][x]=3&p[][y]=4"),
            ),
            (
                form(&BTreeMap::from([("p", &POINTS[0])]), Repeat, Nested::Refused),
                Err("contains a struct; declare"),
            ),
            (form(&1, Repeat, Nested::Refused), Err("is a single value, and no struct or map")),
            (form(&[1], Brackets, Nested::Refused), Err("is a list, and no struct or map")),
        ]);
    }
}
