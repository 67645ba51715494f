//! What makes up a body: one whole value, or fields.

use std::collections::BTreeMap;

use apisession::prelude::*;

#[endpoint]
pub struct Things;

#[endpoint]
impl Things {
    #[post]
    fn two_bodies(&self, #[json] one: &BTreeMap<u8, u8>, #[form] two: &BTreeMap<u8, u8>) -> Call<()>;

    #[post]
    fn field_beside_a_body(&self, #[json] whole: &BTreeMap<u8, u8>, #[field] part: u8) -> Call<()>;

    #[post]
    fn left_over_beside_a_field(&self, whole: &BTreeMap<u8, u8>, #[field] part: u8) -> Call<()>;

    #[head]
    fn head(&self, #[field] part: u8) -> Call<()>;

    #[head(fields("a" = 1))]
    fn head_with_a_constant(&self) -> Call<()>;

    #[post(form)]
    fn form_without_fields(&self) -> Call<()>;

    #[post(form)]
    fn form_of_json(&self, #[json] whole: &BTreeMap<u8, u8>) -> Call<()>;

    #[post(form)]
    fn form_twice(&self, #[form] whole: &BTreeMap<u8, u8>) -> Call<()>;

    #[put(fields("a" = 1))]
    fn field_beside_bytes(&self, #[body("text/plain")] text: &str) -> Call<()>;

    #[post(fields("a" = none))]
    fn constant_of_nothing(&self) -> Call<()>;

    #[post(fields("a" = 1))]
    fn constant_twice(&self, #[field] a: u8) -> Call<()>;

    #[post]
    fn index(&self, #[field("/items/0")] item: u8) -> Call<()>;

    #[post]
    fn end_of_list(&self, #[field("/items/-")] item: u8) -> Call<()>;

    #[post]
    fn empty_name(&self, #[field("/spec//a")] item: u8) -> Call<()>;

    #[post]
    fn escape(&self, #[field("/spec/~2")] item: u8) -> Call<()>;

    #[post]
    fn inside(&self, #[field("/spec")] spec: &BTreeMap<u8, u8>, #[field("/spec/replicas")] replicas: u8) -> Call<()>;

    #[post(fields("spec" = 1))]
    fn inside_a_constant(&self, #[field("/spec/replicas")] replicas: Option<u8>) -> Call<()>;

    #[post(form)]
    fn pointer_in_a_form(&self, #[field("/spec/replicas")] replicas: u8) -> Call<()>;

    #[post(fields("/spec/replicas" = 1))]
    fn constant_pointer_in_a_form(&self, #[form] spec: &BTreeMap<u8, u8>) -> Call<()>;

    #[post]
    fn left_over_beside_a_whole_body(&self, #[json] whole: &BTreeMap<u8, u8>, note: &str) -> Call<()>;

    #[post(form)]
    fn left_over_in_a_form(&self, #[field] name: &str, note: &str) -> Call<()>;

    #[post]
    fn style_of_json(&self, #[field(list = "comma")] tags: &[&str]) -> Call<()>;

    #[post]
    fn json_in_json(&self, #[field(json)] tags: &[&str]) -> Call<()>;

    #[post(form)]
    fn json_with_a_style(&self, #[field(json, list = "comma")] tags: &[&str]) -> Call<()>;

    #[put]
    fn no_type(&self, #[body] text: &str) -> Call<()>;

    #[put]
    fn odd_type(&self, #[body("text")] text: &str) -> Call<()>;

    #[put]
    fn odd_json(&self, #[json(content_type = "json\n")] text: &BTreeMap<u8, u8>) -> Call<()>;

    #[put]
    fn generic(&self, #[query] text: impl Into<String>) -> Call<()>;

    #[put]
    fn generic_without_a_type(&self, content: impl Into<Body>) -> Call<()>;

    #[put]
    fn type_by_a_key(&self, #[body(content_type = "text/plain")] text: &str) -> Call<()>;

    #[put]
    fn no_body(&self, #[body("text/plain")] text: u8) -> Call<()>;

    #[post]
    fn unknown_key(&self, #[field(style = "x")] tags: u8) -> Call<()>;
}

fn main() {}
