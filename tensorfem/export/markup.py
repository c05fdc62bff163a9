"""Attributes of XML elements."""

from html import escape


def quoted(text: str) -> str:
    """A text as the value of an attribute, in its quotes.

    The standard library's own for this brings in the web: it would double the time of `import tensorfem`'s file formats.

    Examples
    --------
    >>> quoted('a < "b"')
    '"a &lt; &quot;b&quot;"'
    """
    escaped = escape(text)
    for sign in "\n\r\t":
        escaped = escaped.replace(sign, f"&#{ord(sign)};")
    return f'"{escaped}"'
