//! What generated code names. It is not for authors: it changes with every version. It stands above all folders.

pub use serde::de::{Deserialize, DeserializeOwned, Deserializer};
pub use serde::ser::{Serialize, Serializer};

pub use crate::call::{
    BaseUrl, Below, Branch, ByNoPart, ByObject, ByParts, ByValue, Declaration, Gzip, Handle, Placed, Row,
    Types, fails_with,
};
pub use crate::declare::{
    ByDisplay, ByStr, DeclaringNothing, Endpoint, EndpointGroup, FieldByBody, FieldByNothing, FieldBySerde,
    HasNoMethodsOfSessions, IsBody, Known, NoTypedError, OneEndpointImplPerType, OtherField, Root, Routes,
    State, TypedError, Unknown, Variable, as_error, body_has, filled, into_error, is_error_response,
};
pub use crate::decode::{
    AcceptsJson, Asks, ByNothing, ByResponse, BySerde, Decode, Probe, ValueInBody, common_accept,
    common_reads, has_no_body, undeclared_status, value_at,
};
#[cfg(feature = "streams")]
pub use crate::decode::{
    DeclaresEvents, DeclaresLines, EventItem, EventKeys, EventRef, Form, LineKeys, StreamError,
    is_expired_event, is_expired_item, with_events, with_lines, with_resume,
};
pub use crate::decode::{GraphQlData, graphql};
pub use crate::describe::Mode;
pub use crate::encode::{ListStyle, Nested, Style};
pub use crate::message::multipart::{IntoParts, PartValue};
pub use crate::policy::error_map::of_status;
pub use crate::send::{build, connected};
pub use crate::settings::{Discovery, FieldValue};
pub use crate::transport::wrapping::Wrapping;
pub use crate::{
    __accessors as accessors, __builder as builder, __endpoint as endpoint,
    __no_hooks_unless_session_has_hooks as no_hooks_unless_session_has_hooks, __open_call as open_call,
};

#[cfg(feature = "pages")]
pub use crate::{
    __open_pager as open_pager,
    call::PageParameter,
    decode::{Fact, PageItem, PageLayout},
    page::style::function::next_request,
    page::style::{BodyLink, Connection, Cursor, HeaderLink, LastId, NextRequest, Number, Offset},
    page::{PageView, Paging, decoded as page},
};
#[cfg(feature = "jobs")]
pub use crate::{
    __open_poller as open_poller,
    poll::{InProgress, PollRead, PollResult, PollSource, PollTarget, Polling, StateMark},
};
#[cfg(feature = "models")]
pub use crate::{
    call::{Replaceable, nothing, replacement},
    decode::Replacement,
    model::open_enum::{integer_of, text_of},
    model::safe_debug::safe_debug,
    model::tagged::tagged,
    model::union::{shaped, tag_of, variant},
};
