//! What an enum of known values tells of itself.

use super::Known;
use crate::describe::Facts;
use crate::model::OpenEnum;

impl<T: OpenEnum> Known for T {
    const FACTS: Facts = Facts { values: Some(T::VALUES), is_secret: false };
}
