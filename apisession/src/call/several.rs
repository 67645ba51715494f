//! What lists and jobs need of the call from which they make several.

use super::arguments::{Arguments, Target};
use super::{Call, Session};
use crate::decode::Decode;
use crate::redact::{Secret, masked};

impl<T, E> Call<T, E> {
    /// The call of these arguments.
    pub(crate) fn from_parts(session: Session, arguments: Box<Arguments>, decode: Decode<T>) -> Self {
        Self::new(session, arguments, decode)
    }

    pub(crate) fn into_parts(self) -> (Session, Box<Arguments>, Decode<T>) {
        (self.session, self.arguments, self.decode)
    }
}

impl Arguments {
    /// Sets a URL that the server gave, and what must not be shown of it. It has a query of its own.
    pub(crate) fn follow_page(&mut self, link: &str, secrets: &[Secret]) {
        let is_in_it = |secret: &&Secret| masked(link, std::slice::from_ref(*secret)) != link;
        self.secrets.extend(secrets.iter().filter(is_in_it).cloned());
        self.target = Target::Link { url: link.to_owned(), has_whole_query: true };
    }
}

/// Writes the same for a list and a job.
macro_rules! writes {
    ($type:ident) => {
        $crate::call::writes! { $type
            body[](of: &'static str, body: impl Into<Body>);
            cookie[V: Encodable + ?Sized](name: &'static str, value: &V);
            field[V: Encodable + ?Sized](name: &'static str, value: &V);
            form[V: Encodable + ?Sized](name: &'static str, value: &V, style: Style);
            form_field[V: Encodable + ?Sized](name: &'static str, value: &V, style: Style);
            form_field_json[V: Encodable + ?Sized](name: &'static str, value: &V);
            header[V: Encodable + ?Sized](name: &'static str, value: &V);
            header_json[V: Encodable + ?Sized](name: &'static str, value: &V);
            headers[V: HeaderPairs + ?Sized](name: &'static str, prefix: &'static str, value: &V);
            json[V: Encodable + ?Sized](name: &'static str, value: &V);
            json_of_type[V: Encodable + ?Sized](name: &'static str, value: &V, of: &'static str);
            multipart[](name: &'static str, value: &impl Multipart);
            part[](name: &'static str, value: PartValue);
            query[V: Encodable + ?Sized](name: &'static str, value: &V);
            query_flag[](name: &'static str, value: &bool);
            query_json[V: Encodable + ?Sized](name: &'static str, value: &V);
            query_styled[V: Encodable + ?Sized](name: &'static str, value: &V, style: Style);
            xml[V: SentAsXml + ?Sized](name: &'static str, value: &V, of: &'static str);
        }
    };
    ($type:ident $($write:ident[$($generic:tt)*]($($argument:ident: $of:ty),*);)*) => {
        impl<S, T, E> $type<S, T, E> {
            $(
                #[doc(hidden)]
                pub fn $write<$($generic)*>(mut self, $($argument: $of),*) -> S {
                    self.call = self.call.$write($($argument),*);
                    (self.make)(self)
                }
            )*

            /// Calls a setter, if there is a value.
            #[doc(hidden)]
            pub fn maybe<V>(self, value: Option<V>, set: fn(S, V) -> S) -> S {
                let call = (self.make)(self);
                match value {
                    Some(value) => set(call, value),
                    None => call,
                }
            }
        }
    };
}

pub(crate) use writes;
