"""Ten pull requests, each in a repository of its own, with what `evobench regress` must say of them."""
