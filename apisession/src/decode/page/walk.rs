//! Reads a body to the places of a page, and skips the rest.

use std::fmt;

use serde::de::{
    self, Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess,
    Visitor,
};
use serde_json::Value;
use serde_json::value::RawValue;

use super::layout::{FACTS, ITEMS, PLACES, PageLayout, Pointer};
use crate::model::RawJson;

/// The value at a place.
pub(super) fn at(value: &Value, place: Pointer) -> Option<&Value> {
    place.iter().try_fold(value, |value, name| match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        Value::Object(members) => members.get(*name),
        _ => None,
    })
}

/// What was found so far.
pub(super) struct Found<T> {
    /// `None` if there is no list. A null is an empty one.
    pub(super) items: Option<Vec<T>>,
    pub(super) facts: [Option<RawJson>; FACTS],
    pub(super) last_id: Option<RawJson>,
    /// How many bytes are reserved for items, since a list that grows is copied again and again.
    pub(super) room: usize,
}

impl<T> Found<T> {
    /// Adds the items of a list. It is in a variable of its own meanwhile, which is faster.
    fn add<E>(
        &mut self,
        add: impl FnOnce(&mut Vec<T>) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let reserved = || Vec::with_capacity(self.room / size_of::<T>().max(1));
        let mut items = self.items.take().unwrap_or_else(reserved);
        add(&mut items)?;
        if items.len() < items.capacity() / 2 {
            items.shrink_to_fit();
        }
        self.items = Some(items);
        Ok(())
    }
}

impl<T> Default for Found<T> {
    fn default() -> Self {
        Self { items: None, facts: Default::default(), last_id: None, room: 0 }
    }
}

/// The places that begin with the path to where a walk is: a bit for each.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Places(u8);

impl Places {
    const NONE: Self = Self(0);
    const ALL: Self = Self((1 << PLACES) - 1);

    fn has(self, place: usize) -> bool {
        self.0 & 1 << place != 0
    }

    /// Those of them for which `keeps` holds.
    fn filter(self, keeps: impl Fn(usize) -> bool) -> Self {
        let kept = (0..PLACES).filter(|place| self.has(*place) && keeps(*place));
        Self(kept.fold(0, |kept, place| kept | 1 << place))
    }
}

/// Reads the value at a path, and what is in it.
pub(super) struct Walk<'a, T> {
    layout: &'a PageLayout,
    found: &'a mut Found<T>,
    depth: usize,
    here: Places,
}

impl<'a, T> Walk<'a, T> {
    pub(super) fn new(layout: &'a PageLayout, found: &'a mut Found<T>) -> Self {
        let here = Places::ALL.filter(|place| layout.pointer(place).is_some());
        Self { layout, found, depth: 0, here }
    }

    /// The places below the member `name`.
    fn below(&self, is_it: impl Fn(&str) -> bool) -> Places {
        self.here.filter(|place| {
            let name = self.layout.pointer(place).and_then(|pointer| pointer.get(self.depth));
            name.is_some_and(|name| is_it(name))
        })
    }

    fn inside(&mut self, here: Places) -> Walk<'_, T> {
        Walk { layout: self.layout, found: self.found, depth: self.depth + 1, here }
    }

    /// The places that are right here.
    fn ends(&self) -> Places {
        self.here
            .filter(|place| self.layout.pointer(place).is_some_and(|pointer| pointer.len() == self.depth))
    }
}

impl<'de, T: DeserializeOwned> DeserializeSeed<'de> for Walk<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<(), D::Error> {
        let ends = self.ends();
        if ends.has(ITEMS) {
            let Self { layout, found, .. } = self;
            if layout.is_xml {
                found.items.get_or_insert_default().push(T::deserialize(deserializer)?);
                return Ok(());
            }
            return deserializer.deserialize_any(Items { layout, found });
        }
        if ends != Places::NONE {
            let places = (0..FACTS).filter(|place| ends.has(*place));
            if self.layout.is_xml {
                let text = String::deserialize(deserializer)?;
                for place in places {
                    self.found.facts[place] = Some(RawJson::of(&text).map_err(de::Error::custom)?);
                }
            } else {
                let json = <&RawValue>::deserialize(deserializer)?;
                for place in places {
                    self.found.facts[place] = fact(json)?;
                }
            }
            return Ok(());
        }
        if self.layout.is_xml {
            deserializer.deserialize_map(self)
        } else {
            deserializer.deserialize_any(self)
        }
    }
}

/// A fact in the body. Null is none.
fn fact<E: de::Error>(json: &RawValue) -> std::result::Result<Option<RawJson>, E> {
    match json.get() {
        "null" => Ok(None),
        _ => RawJson::copied(json).map(Some).ok_or_else(|| E::custom("recursion limit exceeded")),
    }
}

macro_rules! scalars {
    ($value:ty: $($method:ident($type:ty))*) => {
        $(fn $method<E: de::Error>(self, _: $type) -> std::result::Result<$value, E> { Ok(()) })*
    };
}

/// A body or a part of it in which there are places. One that has none is skipped.
impl<'de, T: DeserializeOwned> Visitor<'de> for Walk<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page")
    }

    scalars! { (): visit_bool(bool) visit_i64(i64) visit_u64(u64) visit_f64(f64) visit_str(&str) }

    fn visit_unit<E: de::Error>(self) -> std::result::Result<(), E> {
        // The list of a null is empty, as a null in its place is.
        if self.here.has(ITEMS) {
            self.found.items.get_or_insert_default();
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> std::result::Result<(), A::Error> {
        while let Some(here) = map.next_key_seed(Name(&self))? {
            if here == Places::NONE {
                map.next_value::<IgnoredAny>()?;
            } else {
                map.next_value_seed(self.inside(here))?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> std::result::Result<(), A::Error> {
        let mut index = 0_usize;
        loop {
            let here = self.below(|name| name.parse() == Ok(index));
            let is_there = if here == Places::NONE {
                items.next_element::<IgnoredAny>()?.is_some()
            } else {
                items.next_element_seed(self.inside(here))?.is_some()
            };
            if !is_there {
                return Ok(());
            }
            index += 1;
        }
    }
}

/// The name of a member, as the places that are below it.
struct Name<'a, 'w, T>(&'a Walk<'w, T>);

impl<'de, T> DeserializeSeed<'de> for Name<'_, '_, T> {
    type Value = Places;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Places, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<T> Visitor<'_> for Name<'_, '_, T> {
    type Value = Places;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> std::result::Result<Places, E> {
        Ok(self.0.below(|other| other == name))
    }
}

/// The items of a page.
struct Items<'a, T> {
    layout: &'a PageLayout,
    found: &'a mut Found<T>,
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Items<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.layout.are_values { "an object" } else { "a list" })
    }

    fn visit_unit<E: de::Error>(self) -> std::result::Result<(), E> {
        self.found.items.get_or_insert_default();
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<(), A::Error> {
        if self.layout.are_values {
            return Err(de::Error::invalid_type(de::Unexpected::Seq, &self));
        }
        let Some(id) = self.layout.id else {
            return self.found.add(|items| {
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(())
            });
        };
        let mut last = None;
        self.found.add(|items| {
            while let Some(item) = list.next_element::<&RawValue>()? {
                items.push(serde_json::from_str(item.get()).map_err(de::Error::custom)?);
                last = Some(item);
            }
            Ok(())
        })?;
        self.found.last_id = last.and_then(|item| {
            let item: Value = serde_json::from_str(item.get()).ok()?;
            RawJson::of(at(&item, id).filter(|id| !id.is_null())?).ok()
        });
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> std::result::Result<(), A::Error> {
        if !self.layout.are_values {
            return Err(de::Error::invalid_type(de::Unexpected::Map, &self));
        }
        self.found.add(|items| {
            while let Some((IgnoredAny, item)) = members.next_entry()? {
                items.push(item);
            }
            Ok(())
        })
    }
}
