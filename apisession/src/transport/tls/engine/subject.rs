//! The subject and the dates of a client certificate.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, Error, KeyUsage};

/// The time from which a certificate is valid, and its end.
pub(super) fn validity(certificate: &CertificateDer<'_>) -> Result<(SystemTime, SystemTime), Error> {
    let certificate = EndEntityCert::try_from(certificate)?;
    // The error for a time outside of it names each end.
    let at = |seconds| {
        let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        certificate.verify_for_usage(&[], &[], &[], time, KeyUsage::client_auth(), None, None)
    };
    let time = |time: UnixTime| UNIX_EPOCH + Duration::from_secs(time.as_secs());
    let end = match at(u64::MAX) {
        Err(Error::CertExpired { not_after, .. }) => time(not_after),
        Err(error) => return Err(error),
        Ok(_) => return Err(Error::UnknownIssuer),
    };
    let start = match at(0) {
        Err(Error::CertNotValidYet { not_before, .. }) => time(not_before),
        // It is valid since the epoch.
        _ => UNIX_EPOCH,
    };
    Ok((start, end))
}

/// The subject of a certificate, in the form of RFC 4514: `CN=reports,O=Acme`.
pub(super) fn subject(certificate: &CertificateDer<'_>) -> Result<String, Error> {
    let certificate = EndEntityCert::try_from(certificate)?;
    let mut sets = Vec::new();
    let mut rest = certificate.subject();
    while let Some((SET, set, after)) = split(rest) {
        let mut parts = Vec::new();
        let mut pairs = set;
        while let Some((SEQUENCE, pair, next)) = split(pairs) {
            parts.extend(attribute(pair));
            pairs = next;
        }
        sets.push(parts.join("+"));
        rest = after;
    }
    // The last one is the most exact, and comes first in text.
    sets.reverse();
    Ok(sets.join(","))
}

const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

/// The first value of DER: its tag, its content, and what is after it.
fn split(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = der.split_first_chunk::<2>()?;
    let (length, rest) = match usize::from(first) {
        short @ 0..0x80 => (short, rest),
        long => {
            let (bytes, rest) = rest.split_at_checked(long - 0x80).filter(|(bytes, _)| bytes.len() <= 4)?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// An attribute as text: `CN=reports`.
fn attribute(pair: &[u8]) -> Option<String> {
    let (OID, name, rest) = split(pair)? else { return None };
    let (tag, value, _) = split(rest)?;
    let name = match name {
        [0x55, 4, 3] => "CN".to_owned(),
        [0x55, 4, 6] => "C".to_owned(),
        [0x55, 4, 7] => "L".to_owned(),
        [0x55, 4, 8] => "ST".to_owned(),
        [0x55, 4, 9] => "STREET".to_owned(),
        [0x55, 4, 10] => "O".to_owned(),
        [0x55, 4, 11] => "OU".to_owned(),
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1] => "UID".to_owned(),
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25] => "DC".to_owned(),
        other => dotted(other),
    };
    let mut text = format!("{name}=");
    for (index, c) in decoded(tag, value).chars().enumerate() {
        match c {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' => text.extend(['\\', c]),
            ' ' | '#' if index == 0 => text.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(text, "\\{:02X}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    Some(text)
}

/// An object identifier as numbers: `1.2.840.113549.1.9.1`.
fn dotted(oid: &[u8]) -> String {
    let mut numbers: Vec<u64> = Vec::new();
    let mut number = 0_u64;
    for byte in oid {
        number = number.wrapping_shl(7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if numbers.is_empty() {
                let first = (number / 40).min(2);
                numbers.extend([first, number - first * 40]);
            } else {
                numbers.push(number);
            }
            number = 0;
        }
    }
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

/// A string of DER as text.
fn decoded(tag: u8, value: &[u8]) -> String {
    const UNIVERSAL: u8 = 0x1c;
    const BMP: u8 = 0x1e;
    match tag {
        BMP => {
            let units = value.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        UNIVERSAL => value
            .chunks_exact(4)
            .map(|four| char::from_u32(u32::from_be_bytes([four[0], four[1], four[2], four[3]])))
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
        _ => String::from_utf8_lossy(value).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_is_text_of_rfc_4514() {
        let rows: &[(&[u8], Option<&str>)] = &[
            (b"\x06\x03\x55\x04\x03\x0c\x03ana", Some("CN=ana")),
            (b"\x06\x03\x55\x04\x0a\x13\x0aAcme, Inc.", Some("O=Acme\\, Inc.")),
            (b"\x06\x03\x55\x04\x0b\x1e\x04\x00A\x00\xe9", Some("OU=A\u{e9}")),
            (b"\x06\x03\x55\x04\x03\x0c\x04#a\x0ab", Some("CN=\\#a\\0Ab")),
            (b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01\x16\x01a", Some("1.2.840.113549.1.9.1=a")),
            (b"\x06\x03\x55\x04", None),
            (b"\x06\x81\xff", None),
            (b"\x0c\x01a", None),
            (b"", None),
        ];
        for (pair, expected) in rows {
            assert_eq!(attribute(pair).as_deref(), *expected, "{}", pair.escape_ascii());
        }
    }
}
