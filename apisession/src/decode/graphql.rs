//! Decodes the data of a response of GraphQL. Its errors are found before, by the send loop.

use std::any::type_name;
use std::fmt;

use serde::de::DeserializeOwned;

use super::failure::Expected;
use super::json::{error_path, parse};
use super::pointer::Pointer;
use super::reason::reason;
use super::{FromResponse, Reads, has_no_body};
use crate::describe::ResponseKind;
use crate::encode::without_bom;
use crate::error::{Error, Result};
use crate::message::{GraphQlError, GraphQlErrors, Response};
use crate::redact;

/// What a response of GraphQL is asked for by (GraphQL over HTTP, §4.1).
pub(crate) const GRAPHQL: &str = "application/graphql-response+json, application/json;q=0.9";

/// Data of GraphQL with the errors beside them, for calls that take a part of the data.
///
/// An operation that returns `Call<GraphQl<T>>` succeeds with errors as long as there are data. A field that failed is null in them. A
/// response without data is an [`Error`], as it is for a `Call<T>`, which fails with any error.
///
/// ```
/// use apisession::GraphQl;
/// use apisession::prelude::*;
/// # use apisession::{http::StatusCode, transport::Memory};
///
/// #[derive(serde::Deserialize)]
/// pub struct Team {
///     name: String,
///     budget: Option<u64>,
/// }
///
/// #[endpoint(path = "/graphql")]
/// pub struct Teams;
///
/// #[endpoint]
/// impl Teams {
///     #[graphql("query Team($id: ID!) { team(id: $id) { name budget } }", data = "/team")]
///     pub fn get(&self, id: &str) -> Call<GraphQl<Team>>;
/// }
/// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
/// # pub struct Acme { session: Session, #[endpoint] teams: Teams }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let vendor = Memory::new(|_| async {
/// #     let body = r#"{"data":{"team":{"name":"Core","budget":null}},"errors":[{"message":"not yours","path":["team","budget"]}]}"#;
/// #     Ok(Response::new(StatusCode::OK).with_body(body))
/// # });
/// # let api = Acme::builder().transport(vendor).build()?;
/// let team = api.teams().get("7").await?;
/// assert_eq!((team.data.name.as_str(), team.data.budget), ("Core", None));
/// assert_eq!(team.errors[0].path.as_deref(), Some("/team/budget"));
/// # Ok::<(), apisession::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct GraphQl<T> {
    /// The data, or what the key `data` points to.
    pub data: T,
    /// The errors beside them.
    pub errors: Vec<GraphQlError>,
}

/// Shows the errors alone, and no data.
impl<T> fmt::Debug for GraphQl<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphQl").field("errors", &self.errors).finish_non_exhaustive()
    }
}

impl<T: DeserializeOwned> FromResponse for GraphQl<T> {
    const ACCEPT: &'static str = GRAPHQL;
    const READS: Reads = Reads::Whole;
    const KIND: ResponseKind = ResponseKind::GraphQl;

    fn from_response(response: Response) -> Result<Self> {
        Self::from_data(&response, "/data")
    }

    fn is_absent(response: &Response) -> bool {
        has_no_body(response)
    }
}

/// A type that the data of GraphQL are decoded as.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be decoded from the data of GraphQL",
    label = "this is neither `Deserialize` nor `GraphQl<T>`",
    note = "add `#[derive(serde::Deserialize)]` to `{Self}`; `.raw()` of the call returns the whole response"
)]
pub trait GraphQlData: Sized {
    /// Decodes the value at a pointer into the body.
    fn from_data(response: &Response, at: &'static str) -> Result<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> GraphQlData for T {
    fn from_data(response: &Response, at: &'static str) -> Result<Self> {
        response.data(at)
    }
}

impl<T: DeserializeOwned> GraphQlData for GraphQl<T> {
    fn from_data(response: &Response, at: &'static str) -> Result<Self> {
        let errors = response.body().and_then(|body| errors(body)).map(|errors| errors.errors);
        Ok(Self { data: response.data(at)?, errors: errors.unwrap_or_default() })
    }
}

/// Decodes the result of a call of GraphQL.
///
/// # Errors
///
/// Fails with the error of the call, or if there is no such value at the pointer.
pub fn graphql<T: GraphQlData>(result: Result<Response>, at: &'static str) -> Result<T> {
    T::from_data(&result?, at)
}

impl Response {
    fn data<T: DeserializeOwned>(&self, at: &'static str) -> Result<T> {
        let expected = Expected::of("data of GraphQL", type_name::<T>());
        let body = without_bom(self.bytes(expected)?);
        let Some(data) = Pointer(at).find(body) else {
            return Err(self.decode_error(expected, &format!("it has no value at `{at}`"), None));
        };
        parse(data, || None).map_err(|(error, data)| {
            let inner = error_path::<T>(&data);
            let why = redact::line(&reason::<T>(&data, inner.as_deref(), &error));
            let path =
                at[1..].replace('/', ".") + &inner.map(|inner| format!(".{inner}")).unwrap_or_default();
            match self.shown_path(Some(path)) {
                Some(path) => self.decode_error(expected, &format!("{path}: {why}"), None),
                None => self.decode_error(expected, &why, None),
            }
        })
    }
}

impl Error {
    /// Returns the errors of GraphQL in the response, with the data beside them. It is `None` if the response has none.
    ///
    /// ```
    /// # use apisession::{ErrorKind, Response, http::StatusCode};
    /// # let body = r#"{"data":{"a":1},"errors":[{"message":"no","path":["b"],"extensions":{"code":"FORBIDDEN"}}]}"#;
    /// # let error = Response::new(StatusCode::OK).with_body(body).into_error(ErrorKind::GraphQl, "no");
    /// let errors = error.graphql_errors().unwrap();
    /// assert_eq!(errors.errors[0].code(), Some("FORBIDDEN"));
    /// assert_eq!(errors.data.unwrap().get(), r#"{"a":1}"#);
    /// ```
    #[must_use]
    pub fn graphql_errors(&self) -> Option<GraphQlErrors> {
        errors(self.body()?)
    }
}

/// The errors in a body. One without any, which is nearly every one, is not parsed.
pub(crate) fn errors(body: &[u8]) -> Option<GraphQlErrors> {
    let body = without_bom(body);
    Pointer("/errors").find_present(body)?;
    serde_json::from_slice(body).ok()
}
