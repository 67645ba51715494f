//! The names of generated items, which are made of the author's names.

use proc_macro2::Ident;
use syn::ext::IdentExt;

/// The constant of an operation: `GET` for `get`.
pub(crate) fn constant(operation: &Ident) -> Ident {
    let name = operation.unraw().to_string();
    let upper = name.to_uppercase();
    // A method and a constant can't have the same name, as they would in a script without cases.
    let constant = if upper == name { format!("{name}_OP") } else { upper };
    Ident::new(&constant, operation.span())
}

/// The type with the setters of an operation: `EventsListCall` for `list` of `Events`, and `AdminUsers_ListCall` for `list` of
/// `AdminUsers`.
///
/// No two operations of a module have the same, although no macro sees both: `Admin::users_list` has `AdminUsersListCall`. Without an
/// underscore, the endpoint ends before the first letter that is not lower case.
pub(crate) fn call(endpoint: &Ident, operation: &Ident) -> Ident {
    with_setters(endpoint, operation, "Call")
}

/// The same of an operation that returns a pager: `EventsListPager`.
pub(crate) fn pager(endpoint: &Ident, operation: &Ident) -> Ident {
    with_setters(endpoint, operation, "Pager")
}

/// The same of an operation that returns a poller: `ExportsStartPoller`.
pub(crate) fn poller(endpoint: &Ident, operation: &Ident) -> Ident {
    with_setters(endpoint, operation, "Poller")
}

fn with_setters(endpoint: &Ident, operation: &Ident, what: &str) -> Ident {
    let endpoint = endpoint.unraw().to_string();
    let words = operation.unraw().to_string();
    let camel = words.split('_').map(|word| {
        let mut chars = word.chars();
        let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        first + chars.as_str()
    });
    let camel: String = camel.collect();
    let is_one_word =
        endpoint.chars().skip(1).all(char::is_lowercase) && !camel.starts_with(char::is_lowercase);
    let gap = if is_one_word { "" } else { "_" };
    Ident::new(&format!("{endpoint}{gap}{camel}{what}"), operation.span())
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::*;

    fn ident(name: &str) -> Ident {
        Ident::new(name, Span::call_site())
    }

    #[test]
    fn the_types_of_two_operations_have_two_names() {
        let rows = [
            ("Events", "list", "EventsListCall"),
            ("Events", "list_all", "EventsListAllCall"),
            ("Events", "v2", "EventsV2Call"),
            ("Admin", "users_list", "AdminUsersListCall"),
            ("AdminUsers", "list", "AdminUsers_ListCall"),
            ("A", "b_c", "ABCCall"),
            ("AB", "c", "AB_CCall"),
            ("ABC", "d", "ABC_DCall"),
            ("AB", "c_d", "AB_CDCall"),
            ("V", "_2_list", "V2ListCall"),
            ("V2", "list", "V2_ListCall"),
            ("A_B", "c", "A_B_CCall"),
            ("A", "b__c_d", "ABCDCall"),
            ("Größe", "lesen", "GrößeLesenCall"),
            ("取", "得_x", "取得XCall"),
            ("取得", "x", "取得_XCall"),
            ("events", "list", "eventsListCall"),
            ("Event", "ª", "Event_ªCall"),
            ("Eventª", "list", "EventªListCall"),
        ];
        let mut names = Vec::new();
        for (endpoint, operation, expected) in rows {
            let name = call(&ident(endpoint), &ident(operation)).to_string();
            assert_eq!(name, expected, "{endpoint}::{operation}");
            assert!(!names.contains(&name), "{name}");
            names.push(name);
        }
    }
}
