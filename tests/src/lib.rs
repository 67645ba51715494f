//! What the tests share: sessions over a transport that records, and a real server that does.
