//! The types of files by the endings of their names.

use http::HeaderValue;

/// The endings that are often uploaded, with the types that are registered with IANA, or else those that browsers send.
const TYPES: [(&str, &[&str]); 84] = [
    ("application/epub+zip", &["epub"]),
    ("application/geo+json", &["geojson"]),
    ("application/gzip", &["gz", "tgz"]),
    ("application/java-archive", &["jar"]),
    ("application/json", &["json", "map"]),
    ("application/ld+json", &["jsonld"]),
    ("application/manifest+json", &["webmanifest"]),
    ("application/msword", &["doc", "dot"]),
    ("application/octet-stream", &["bin", "dll", "dmg", "exe", "iso", "msi", "so"]),
    ("application/pdf", &["pdf"]),
    ("application/pgp-signature", &["asc", "sig"]),
    ("application/pkcs8", &["p8"]),
    ("application/postscript", &["ai", "eps", "ps"]),
    ("application/rtf", &["rtf"]),
    ("application/sql", &["sql"]),
    ("application/toml", &["toml"]),
    ("application/vnd.android.package-archive", &["apk"]),
    ("application/vnd.apache.parquet", &["parquet"]),
    ("application/vnd.debian.binary-package", &["deb"]),
    ("application/vnd.google-earth.kml+xml", &["kml"]),
    ("application/vnd.ms-excel", &["xls"]),
    ("application/vnd.ms-fontobject", &["eot"]),
    ("application/vnd.ms-outlook", &["msg"]),
    ("application/vnd.ms-powerpoint", &["ppt"]),
    ("application/vnd.oasis.opendocument.presentation", &["odp"]),
    ("application/vnd.oasis.opendocument.spreadsheet", &["ods"]),
    ("application/vnd.oasis.opendocument.text", &["odt"]),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", &["pptx"]),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"]),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["docx"]),
    ("application/vnd.rar", &["rar"]),
    ("application/vnd.sqlite3", &["sqlite", "sqlite3"]),
    ("application/vnd.visio", &["vsd"]),
    ("application/wasm", &["wasm"]),
    ("application/x-7z-compressed", &["7z"]),
    ("application/x-bzip2", &["bz2"]),
    ("application/x-ndjson", &["jsonl", "ndjson"]),
    ("application/x-pem-file", &["pem"]),
    ("application/x-pkcs12", &["p12", "pfx"]),
    ("application/x-sh", &["sh"]),
    ("application/x-tar", &["tar"]),
    ("application/x-x509-ca-cert", &["cer", "crt", "der"]),
    ("application/x-xz", &["xz"]),
    ("application/xhtml+xml", &["xhtml"]),
    ("application/yaml", &["yaml", "yml"]),
    ("application/zip", &["zip"]),
    ("application/zstd", &["zst"]),
    ("audio/aac", &["aac"]),
    ("audio/flac", &["flac"]),
    ("audio/midi", &["mid", "midi"]),
    ("audio/mp4", &["m4a"]),
    ("audio/mpeg", &["mp3"]),
    ("audio/ogg", &["oga", "ogg", "opus"]),
    ("audio/wav", &["wav"]),
    ("font/otf", &["otf"]),
    ("font/ttf", &["ttf"]),
    ("font/woff", &["woff"]),
    ("font/woff2", &["woff2"]),
    ("image/avif", &["avif"]),
    ("image/bmp", &["bmp"]),
    ("image/gif", &["gif"]),
    ("image/heic", &["heic"]),
    ("image/jpeg", &["jfif", "jpeg", "jpg"]),
    ("image/png", &["png"]),
    ("image/svg+xml", &["svg"]),
    ("image/tiff", &["tif", "tiff"]),
    ("image/vnd.adobe.photoshop", &["psd"]),
    ("image/webp", &["webp"]),
    ("image/x-icon", &["ico"]),
    ("message/rfc822", &["eml"]),
    ("text/calendar", &["ics"]),
    ("text/css", &["css"]),
    ("text/csv", &["csv"]),
    ("text/html", &["htm", "html"]),
    ("text/javascript", &["js", "mjs"]),
    ("text/markdown", &["markdown", "md"]),
    ("text/plain", &["conf", "diff", "ini", "log", "patch", "srt", "text", "txt"]),
    ("text/tab-separated-values", &["tsv"]),
    ("text/vcard", &["vcf"]),
    ("text/vtt", &["vtt"]),
    ("text/x-python", &["py"]),
    ("text/xml", &["xml", "xsd", "xsl"]),
    ("video/mp4", &["m4v", "mp4"]),
    ("video/quicktime", &["mov"]),
];

/// The type of a file with this name. A name that starts with its only dot has no ending.
pub(super) fn guessed(name: &str) -> Option<HeaderValue> {
    let (_, ending) = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty())?;
    let is_it = |other: &&str| other.eq_ignore_ascii_case(ending);
    let found = TYPES.iter().find(|(_, endings)| endings.iter().any(is_it));
    found.map(|(media_type, _)| HeaderValue::from_static(media_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_has_each_ending_once() {
        assert!(TYPES.is_sorted_by(|one, next| one.0 < next.0));
        let mut all: Vec<_> = TYPES.iter().flat_map(|(_, endings)| *endings).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        for (media_type, endings) in TYPES {
            assert!(endings.is_sorted() && !endings.is_empty(), "{media_type}");
            assert!(
                endings
                    .iter()
                    .all(|ending| !ending.contains(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit()))
            );
        }
    }
}
