//! The hosts to which requests are sent directly: the entries of `no_proxy`, in every form that curl and Go's net/http read.

use std::net::IpAddr;

use url::Host;

/// An entry of `no_proxy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exception {
    hosts: Hosts,
    /// The port, if the entry has one.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Hosts {
    All,
    /// The addresses that have the first bits of this one.
    Network(IpAddr, u32),
    /// The names below a name, and that name itself unless the entry begins with `*.`.
    Domain {
        name: String,
        has_itself: bool,
    },
}

/// The entries of a list, which are separated by commas or spaces.
pub(super) fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.split(|c: char| c == ',' || c.is_whitespace()).filter(|entry| !entry.is_empty())
}

impl Exception {
    /// Parses an entry. Returns `None` if it has no form that is known.
    pub(super) fn parse(entry: &str) -> Option<Self> {
        let (hosts, port) = match entry.rsplit_once(':') {
            // An IPv6 address without brackets has colons, but no port.
            Some((hosts, port)) if !hosts.contains(':') || hosts.ends_with(']') => {
                (hosts, Some(port.parse().ok()?))
            }
            _ => (entry, None),
        };
        Some(Self { hosts: Hosts::parse(hosts)?, port })
    }

    /// Whether requests to this host, which is [`normalized`], and to this port are sent directly.
    pub(super) fn covers(&self, host: &str, port: Option<u16>) -> bool {
        (self.port.is_none() || self.port == port) && self.hosts.contain(host)
    }
}

impl Hosts {
    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::All);
        }
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.trim_end_matches(']').parse().ok()?)),
            None => (text, None),
        };
        let is_address = address.trim_matches(['[', ']']).parse::<IpAddr>();
        match (is_address, bits) {
            (Ok(address), None) => Some(Self::Network(address.to_canonical(), u32::MAX)),
            (Ok(address), Some(bits)) => (bits <= width(address)).then_some(Self::Network(address, bits)),
            (Err(_), None) => Self::domain(text),
            (Err(_), Some(_)) => None,
        }
    }

    /// Parses `example.com`, `.example.com` or `*.example.com`. As in curl, the second form is the first.
    fn domain(text: &str) -> Option<Self> {
        let below = text.strip_prefix("*.");
        let name = normalized(below.unwrap_or(text).trim_start_matches('.'));
        let is_name = !name.is_empty() && !name.contains(['*', '/', '@', ':', '[', ']']);
        is_name.then_some(Self::Domain { name, has_itself: below.is_none() })
    }

    /// Whether a normalized host is one of these.
    fn contain(&self, host: &str) -> bool {
        let address = host.parse().map(|address: IpAddr| address.to_canonical());
        match (self, address) {
            (Self::All, _) => true,
            (Self::Network(network, bits), Ok(address)) => is_in_network(address, *network, *bits),
            (Self::Domain { name, has_itself }, Err(_)) => host
                .strip_suffix(&**name)
                .is_some_and(|rest| if rest.is_empty() { *has_itself } else { rest.ends_with('.') }),
            (Self::Network(..), Err(_)) | (Self::Domain { .. }, Ok(_)) => false,
        }
    }
}

/// A host in the form in which hosts are compared: in lower case, without brackets and without the dot of the root. A name that
/// is not ASCII is in its ASCII form.
pub(super) fn normalized(host: &str) -> String {
    let host = host.trim_matches(['[', ']']).trim_end_matches('.');
    let ascii = (!host.is_ascii()).then(|| Host::parse(host).ok()).flatten();
    ascii.map_or_else(|| host.to_ascii_lowercase(), |host| host.to_string())
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// Whether the first `bits` bits of two addresses are equal.
fn is_in_network(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(bits)).unwrap_or(0);
            address.to_bits() & mask == network.to_bits() & mask
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(bits)).unwrap_or(0);
            address.to_bits() & mask == network.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    #[test]
    fn fault_c5_no_proxy_has_every_form_of_curl_and_go() {
        // The list, the hosts that are reached directly, and those that are not.
        let rows: [(&str, &[&str], &[&str]); 32] = [
            (
                "example.com",
                &["example.com", "EXAMPLE.com", "www.example.com", "a.b.example.com"],
                &["ample.com"],
            ),
            ("EXAMPLE.Com", &["example.com", "www.example.com"], &["notexample.com", "example.com.test"]),
            (".example.com", &["www.example.com", "example.com"], &["notexample.com"]),
            ("*.corp.example", &["x.corp.example", "a.b.corp.example"], &["corp.example", "xcorp.example"]),
            ("*.CORP.example.", &["x.corp.example", "x.corp.example."], &["corp.example."]),
            ("*.corp.example:8443", &["x.corp.example:8443"], &["x.corp.example", "corp.example:8443"]),
            ("*", &["anything.test", "10.1.2.3", "[::1]:8080"], &[]),
            ("a.test,*", &["b.test"], &[]),
            // The dot of the root, on either side.
            ("example.com.", &["example.com", "www.example.com", "example.com."], &["example.org"]),
            (".example.com.", &["www.example.com."], &["example.org."]),
            ("example.com", &["example.com.", "www.example.com."], &[]),
            ("example.com.:8443", &["example.com:8443", "example.com.:8443"], &["example.com"]),
            // Ports.
            (
                "example.com:8443",
                &["example.com:8443", "www.example.com:8443"],
                &["example.com", "example.com:80"],
            ),
            ("example.com:443", &["example.com"], &["example.com:8443"]),
            ("192.168.1.2:81", &["192.168.1.2:81"], &["192.168.1.2", "192.168.1.2:80"]),
            ("192.168.1.3:443", &["192.168.1.3"], &["192.168.1.3:81"]),
            ("[2001:db8::3]:443", &["[2001:db8::3]"], &["[2001:db8::3]:80", "[2001:db8::4]"]),
            ("10.0.0.0/8:81", &["10.1.2.3:81"], &["10.1.2.3"]),
            // Addresses and networks.
            ("192.168.1.1", &["192.168.1.1", "192.168.1.1:8080"], &["192.168.1.10", "x192.168.1.1.test"]),
            ("2001:DB8::1", &["[2001:db8:0:0::1]", "[2001:db8::1]:81"], &["[2001:db8::2]"]),
            ("[2001:db8::1]", &["[2001:db8::1]"], &["[2001:db8::2]"]),
            ("::ffff:10.0.0.1", &["10.0.0.1", "[::ffff:a00:1]"], &["10.0.0.2"]),
            ("10.0.0.1", &["[::ffff:10.0.0.1]"], &["[::10.0.0.1]"]),
            ("10.0.0.0/30", &["10.0.0.0", "10.0.0.3:8080"], &["10.0.0.4", "[::ffff:10.0.0.4]"]),
            ("10.1.2.3/8", &["10.255.0.1", "[::ffff:10.9.9.9]"], &["11.0.0.1", "10.test"]),
            ("0.0.0.0/0", &["10.1.2.3"], &["[::1]", "example.com"]),
            (
                "2002:db8:a::45/64,fd00::/8",
                &["[2002:db8:a::123]", "[fd12::1]"],
                &["[2002:db8:b::1]", "[fe80::1]"],
            ),
            ("[fd00::]/8", &["[fd12::1]"], &["[fe80::1]"]),
            // Spaces, and entries that are empty.
            (" a.test , example.com\t,, b.test ", &["a.test", "example.com", "b.test"], &["c.test"]),
            ("a.test b.test\n10.0.0.0/8", &["a.test", "b.test", "10.0.0.1"], &["c.test"]),
            (
                "b\u{fc}cher.example",
                &["b\u{fc}cher.example", "www.xn--bcher-kva.example"],
                &["bucher.example"],
            ),
            ("", &[], &["example.com", "10.0.0.1"]),
        ];
        for (list, direct, proxied) in rows {
            let exceptions: Vec<_> = entries(list).map(|entry| Exception::parse(entry).unwrap()).collect();
            let is_direct = |host: &str| {
                let target = Url::parse(&format!("https://{host}/x")).unwrap();
                let (host, port) = (normalized(target.host_str().unwrap()), target.port_or_known_default());
                exceptions.iter().any(|exception| exception.covers(&host, port))
            };
            for host in direct {
                assert!(is_direct(host), "{list:?} {host}");
            }
            for host in proxied {
                assert!(!is_direct(host), "{list:?} {host}");
            }
        }
        for entry in [
            ".",
            "*.",
            "10.1.2.3/33",
            "::1/129",
            "10.0.*",
            "a.*.test",
            "https://a.test",
            "a.test:port",
            "10.0/x",
        ] {
            assert_eq!(Exception::parse(entry), None, "{entry}");
        }
    }
}
