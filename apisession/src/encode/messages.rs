//! Writes enums of errors. The crates that do so cost every cold build of an SDK more than a second.

/// An enum of errors, each with its message, in which its fields are named.
macro_rules! messages {
    (
        $(#[$attribute:meta])*
        $vis:vis enum $name:ident {
            $(
                $(#[$of_variant:meta])*
                $variant:ident $(($($field:ident: $type:ty),+))? $({ $($named:ident: $of:ty),+ })? = $message:literal,
            )+
        }
    ) => {
        $(#[$attribute])*
        $vis enum $name {
            $($(#[$of_variant])* $variant $(($($type),+))? $({ $($named: $of),+ })?,)+
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                match self {
                    $(Self::$variant $(($($field),+))? $({ $($named),+ })? => ::std::write!(f, $message),)+
                }
            }
        }

        impl ::std::error::Error for $name {}
    };
}

pub(crate) use messages;
