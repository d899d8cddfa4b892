"""A local server of symbol lists in the formats of NASDAQ Trader and the SEC; rows written by hand."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NASDAQ_LISTED = """\
Symbol|Security Name|Market Category|Test Issue|Financial Status|Round Lot Size|ETF|NextShares
AAPL|Apple Inc. - Common Stock|Q|N|N|100|N|N
MSFT|Microsoft Corporation - Common Stock|Q|N|N|100|N|N
QQQ|Invesco QQQ Trust, Series 1|G|N|N|100|Y|N
ZAZZT|Tick Pilot Test Stock Class A|G|Y|N|100|N|N
File Creation Time: 0102202522:03|||||||
"""
OTHER_LISTED = """\
ACT Symbol|Security Name|Exchange|CQS Symbol|ETF|Round Lot Size|Test Issue|NASDAQ Symbol
BA|Boeing Company (The) Common Stock|N|BA|N|100|N|BA
BRK.B|Berkshire Hathaway Inc. New Common Stock|N|BRK.B|N|100|N|BRK.B
ABR$D|Arbor Realty Trust 6.375% Series D|N|ABRpD|N|100|N|ABR-D
SPY|SPDR S&P 500|P|SPY|Y|100|N|SPY
T|AT&T Inc.|N|T|N|100|N|T
File Creation Time: 0102202522:03||||||
"""
COMPANIES = """\
{"fields":["cik","name","ticker","exchange"],"data":[
[320193,"Apple Inc.","AAPL","Nasdaq"],[1067983,"BERKSHIRE HATHAWAY INC","BRK-B","NYSE"],
[885590,"NINTENDO CO LTD","NTDOY","OTC"],[1,"Nowhere listed","NOWH",null]]}
"""
FILES = {
    "/nasdaqlisted.txt": NASDAQ_LISTED,
    "/otherlisted.txt": OTHER_LISTED,
    "/company_tickers_exchange.json": COMPANIES,
    "/cut.txt": NASDAQ_LISTED[:-60],
    "/sorry.html": "<!doctype html><title>Sorry</title>",
}


class Handler(BaseHTTPRequestHandler):
    """Refuses, as the SEC does, a client that does not say whom to ask."""

    def do_GET(self) -> None:
        text = FILES.get(self.path)
        named = "Stock Intelligence (" in self.headers.get("User-Agent", "")
        self.send_response(403 if not named else 200 if text else 404)
        self.end_headers()
        self.wfile.write((text or "").encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


@contextmanager
def lists() -> Iterator[str]:
    """Its address; ends with the context."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
