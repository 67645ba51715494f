//! A `Debug` that hides secrets.

use std::fmt::{self, Debug, Formatter};

use crate::redact::is_secret_name;

/// A field: its name, its value unless it is marked as secret, and whether it is shown whatever its name tells.
type Field<'a> = (&'a str, Option<&'a dyn Debug>, bool);

/// Shows the fields of a struct or a variant, except for secrets.
#[doc(hidden)]
pub fn safe_debug(f: &mut Formatter<'_>, name: &str, is_named: bool, fields: &[Field<'_>]) -> fmt::Result {
    let hidden = format_args!("[redacted]");
    if fields.is_empty() && !is_named {
        f.write_str(name)
    } else if is_named {
        let mut shown = f.debug_struct(name);
        for field in fields {
            shown.field(field.0, value(field).unwrap_or(&hidden));
        }
        shown.finish()
    } else {
        let mut shown = f.debug_tuple(name);
        for field in fields {
            shown.field(value(field).unwrap_or(&hidden));
        }
        shown.finish()
    }
}

/// The value, if it is shown.
fn value<'a>(&(name, value, is_shown): &Field<'a>) -> Option<&'a dyn Debug> {
    value.filter(|_| is_shown || !is_secret_name(name))
}
