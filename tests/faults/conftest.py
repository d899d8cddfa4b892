"""What tests of faults take from the tests of the market."""

from tests.market.conftest import begun as begun
from tests.market.conftest import folder as folder
from tests.market.conftest import market as market
from tests.market.conftest import replay as replay
from tests.market.conftest import server as server
from tests.market.conftest import walk as walk
