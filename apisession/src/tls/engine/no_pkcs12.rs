//! PKCS#12 was not built in.

use super::identity::Read;

pub(super) fn read(_: &[u8], _: &str) -> Result<Read, String> {
    Err("the feature `pkcs12` of `apisession` is needed to read it".to_owned())
}
