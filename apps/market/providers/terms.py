"""Under which terms each source gives its data; read by pages too, so no vendor's library is imported here."""

from apps.market.providers.base import Terms

TERMS = {
    "newsapi": Terms(
        licence="Developer plan: development and testing only",
        delay="headlines are a day old",
        attribution="News by NewsAPI.org",
        url="https://newsapi.org/terms",
        commercial=False,
    ),
    "csv": Terms(
        licence="The firm's own",
        delay="as old as the firm's files",
        attribution="The firm's own data",
        url="",
        commercial=True,
    ),
    "replay": Terms(
        licence="The folder's own; the bundled prices are in the public domain",
        delay="recorded sessions, played on a clock of their own",
        attribution="Recorded market data",
        url="https://github.com/bokeh/bokeh_sampledata",
        commercial=True,
    ),
    "rss": Terms(
        licence="Each publisher's; the operator chose the feeds",
        delay="as the feeds are read, once an hour",
        attribution="Headlines of the publishers named with them",
        url="",
        commercial=True,
    ),
    "yahoo": Terms(
        licence="Personal use only",
        delay="real time to 15 minutes, by exchange",
        attribution="Market data by Yahoo Finance",
        url="https://legal.yahoo.com/us/en/yahoo/terms/otos/index.html",
        commercial=False,
    ),
}
