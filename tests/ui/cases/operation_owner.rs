use apisession::prelude::*;

#[endpoint]
pub struct Events;

#[endpoint]
impl Default for Events {}

#[endpoint]
pub struct Others;

#[endpoint(path = "/events")]
impl Others {}

#[endpoint]
pub fn events() {}

fn main() {}
