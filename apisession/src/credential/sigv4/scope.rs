//! The scope of a signature: a time, a region and a service. The last two can be read from the name of an AWS host.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sha2::{Digest as _, Sha256};

use super::canonical::PathStyle;
use crate::encode::hex::hex;

pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The services that don't normalize paths, and require the hash of the body in a header.
const OBJECT_SERVICES: [&str; 4] = ["s3", "s3express", "s3-outposts", "s3-object-lambda"];

/// The scope in which a signature is valid.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    /// The time of the signature, such as `20150830T123600Z`.
    pub(super) time: String,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    pub(super) path_style: PathStyle,
}

impl<'a> Scope<'a> {
    pub(super) fn new(time: String, region: &'a str, service: &'a str, normalizes: bool) -> Self {
        let path_style = match normalizes {
            _ if OBJECT_SERVICES.contains(&service) => PathStyle::Object,
            true => PathStyle::Normalized,
            false => PathStyle::Wire,
        };
        Self { time, region, service, path_style }
    }

    pub(super) fn date(&self) -> &str {
        &self.time[..8]
    }

    pub(super) fn name(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.date(), self.region, self.service)
    }

    /// Whether the service is S3, which requires the hash of the body in a header, and does not normalize paths.
    pub(super) fn is_object(&self) -> bool {
        self.path_style == PathStyle::Object
    }

    pub(super) fn string_to_sign(&self, canonical: &str) -> String {
        format!("{ALGORITHM}\n{}\n{}\n{}", self.time, self.name(), hex(&Sha256::digest(canonical)))
    }
}

/// Formats a time as `20150830T123600Z`.
pub(super) fn time(now: SystemTime) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    // `fmt_http_date` panics before 1970 and after 9999. The upper limit is January 1, 9999.
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default().min(Duration::from_secs(253_370_764_800));
    // The date always has the length of `Sun, 30 Aug 2015 12:36:00 GMT`.
    let date = httpdate::fmt_http_date(UNIX_EPOCH + since);
    let month = MONTHS.iter().position(|month| *month == &date[8..11]).unwrap_or_default() + 1;
    format!("{}{month:02}{}T{}{}{}Z", &date[12..16], &date[5..7], &date[17..19], &date[20..22], &date[23..25])
}

/// The domains of AWS services.
const DOMAINS: [&str; 4] = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".on.aws"];

/// Host labels whose service has another name in signatures.
const SIGNING_NAMES: [(&str, &str); 14] = [
    ("appsync-api", "appsync"),
    ("aps-workspaces", "aps"),
    ("bedrock-agent", "bedrock"),
    ("bedrock-agent-runtime", "bedrock"),
    ("bedrock-runtime", "bedrock"),
    ("email", "ses"),
    ("lambda-url", "lambda"),
    ("neptune", "neptune-db"),
    ("pinpoint", "mobiletargeting"),
    ("queue", "sqs"),
    ("s3-accelerate", "s3"),
    ("s3-accesspoint", "s3"),
    ("s3-control", "s3"),
    ("s3-website", "s3"),
];

/// Returns the service and the region of an AWS host, if its name has them: `dynamodb.eu-west-1.amazonaws.com`,
/// `bucket.s3.amazonaws.com`, `id.execute-api.us-east-1.amazonaws.com`. A service without a region in its host is
/// global: it uses `us-east-1`.
pub(super) fn service_and_region(host: &str) -> Option<(&str, &str)> {
    let name = DOMAINS.iter().find_map(|domain| host.strip_suffix(domain))?;
    let labels: Vec<_> = name.split('.').filter(|label| !matches!(*label, "dualstack" | "vpce")).collect();
    let region_at = labels.iter().rposition(|label| is_region(label));
    let Some(at) = region_at else {
        // A host such as `iam.us-gov` has a part of a region only, so the region is unknown.
        let last = *labels.last().filter(|last| !last.starts_with("us-"))?;
        // `s3-eu-west-1.amazonaws.com` is the older form.
        let old = last.strip_prefix("s3-").filter(|region| is_region(region));
        return Some(old.map_or((service(last), "us-east-1"), |region| ("s3", region)));
    };
    // The service is after the region, as in `domain.us-east-1.es`, or before it, as in `dynamodb.us-east-1`.
    let label = labels.get(at + 1).or_else(|| at.checked_sub(1).and_then(|before| labels.get(before)))?;
    let is_device_data = *label == "iot" && at.checked_sub(2).is_some_and(|at| labels[at].ends_with("-ats"));
    Some((if is_device_data { "iotdata" } else { service(label) }, labels[at]))
}

/// The name in signatures of the service of a host label.
fn service(label: &str) -> &str {
    let label = label.strip_suffix("-fips").unwrap_or(label);
    SIGNING_NAMES.iter().find(|(name, _)| *name == label).map_or(label, |(_, service)| service)
}

/// Whether a label has the form of a region, such as `eu-west-1` or `us-gov-east-1`.
fn is_region(label: &str) -> bool {
    let parts: Vec<_> = label.split('-').collect();
    let [partition, middle @ .., number] = parts.as_slice() else { return false };
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    (2..=3).contains(&partition.len())
        && is_word(partition)
        && !middle.is_empty()
        && middle.iter().all(is_word)
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_name_gives_the_service_and_the_region() {
        let rows = [
            ("dynamodb.eu-west-1.amazonaws.com", "dynamodb eu-west-1"),
            ("streams.dynamodb.us-gov-west-1.amazonaws.com", "dynamodb us-gov-west-1"),
            ("bucket.s3.us-west-2.amazonaws.com", "s3 us-west-2"),
            ("a.bucket.s3.dualstack.us-west-2.amazonaws.com", "s3 us-west-2"),
            ("s3.amazonaws.com", "s3 us-east-1"),
            ("bucket.s3.amazonaws.com", "s3 us-east-1"),
            ("s3-eu-west-1.amazonaws.com", "s3 eu-west-1"),
            ("s3-fips.us-east-2.amazonaws.com", "s3 us-east-2"),
            ("point-7.s3-accesspoint.us-west-2.amazonaws.com", "s3 us-west-2"),
            ("bucket.s3-accelerate.amazonaws.com", "s3 us-east-1"),
            ("sqs.cn-north-1.amazonaws.com.cn", "sqs cn-north-1"),
            ("us-east-1.queue.amazonaws.com", "sqs us-east-1"),
            ("abc123.execute-api.ap-southeast-1.amazonaws.com", "execute-api ap-southeast-1"),
            ("search-logs-7.us-east-1.es.amazonaws.com", "es us-east-1"),
            ("abc.us-east-1.aoss.amazonaws.com", "aoss us-east-1"),
            ("vpce-1-2.sqs.us-east-1.vpce.amazonaws.com", "sqs us-east-1"),
            ("email.us-east-1.amazonaws.com", "ses us-east-1"),
            ("abc-ats.iot.eu-west-1.amazonaws.com", "iotdata eu-west-1"),
            ("iot.eu-west-1.amazonaws.com", "iot eu-west-1"),
            ("s3tables.us-east-1.amazonaws.com", "s3tables us-east-1"),
            ("iam.amazonaws.com", "iam us-east-1"),
            ("abc.lambda-url.us-east-1.on.aws", "lambda us-east-1"),
            ("ec2.us-east-1.api.aws", "ec2 us-east-1"),
            ("bedrock-runtime.us-east-1.amazonaws.com", "bedrock us-east-1"),
        ];
        for (host, expected) in rows {
            let (service, region) = service_and_region(host).unwrap();
            assert_eq!(format!("{service} {region}"), expected, "{host}");
        }
        for host in [
            "api.example.com",
            "amazonaws.com",
            "evilamazonaws.com",
            "eu-west-1.amazonaws.com.evil.test",
            "127.0.0.1",
        ] {
            assert_eq!(service_and_region(host), None, "{host}");
        }
    }
}
