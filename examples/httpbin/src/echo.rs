//! What the server repeats of a request.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A request, as the server received it. What an operation doesn't repeat is empty.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Echo {
    /// The method, which only `anything` repeats.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The query parameters.
    pub args: BTreeMap<String, Values>,
    /// The headers.
    pub headers: BTreeMap<String, String>,
    /// The body, unless it is a form.
    pub data: String,
    /// The body as JSON, or null.
    pub json: serde_json::Value,
    /// The fields of a form.
    pub form: BTreeMap<String, Values>,
    /// The files of a multipart body.
    pub files: BTreeMap<String, Values>,
    /// The address of the client.
    pub origin: String,
    /// The number of the line, in a stream.
    pub id: Option<u64>,
}

/// Names and their values.
pub type Pairs = BTreeMap<String, String>;

/// A value, or those of a name that is there several times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Values {
    /// One value.
    One(String),
    /// Several values.
    Many(Vec<String>),
}

/// A response whose body was compressed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Encoded {
    /// The method of the request.
    pub method: String,
    /// The headers of the request.
    pub headers: BTreeMap<String, String>,
    /// The address of the client.
    pub origin: String,
}
