"""Files as brokers write them, made up row by row (no customer's, no broker's own sample)."""

# ruff: noqa: E501, UP012 - lines as wide as the brokers write them

HEAD = "Date,Type,Symbol,Quantity,Price,Amount,Fee,Currency"


def generic(*rows: str, head: str = HEAD) -> bytes:
    """Lines below a header."""
    return "\n".join([head, *rows]).encode() + b"\n"


SCHWAB = b""""Transactions  for account Individual ...123 as of 05/01/2013"
"Date","Action","Symbol","Description","Quantity","Price","Fees & Comm","Amount"
"02/04/2013 as of 02/01/2013","Buy","AAPL","APPLE INC","10","$425.50","$4.95","-$4,259.95"
"02/05/2013","Qualified Dividend","IBM","INTL BUSINESS MACHS","","","","$85.00"
"02/06/2013","NRA Tax Adj","IBM","INTL BUSINESS MACHS","","","","-$12.75"
"02/07/2013","MoneyLink Transfer","","Tfr BANK","","","","-$1,000.00"
"02/08/2013","Sell","AAPL","APPLE INC","4","$431.00","$4.95","$1,719.05"
"02/11/2013","Stock Split","IBM","INTL BUSINESS MACHS","10","","",""
"Transactions Total","","","","","","","-$4,468.65"
"""

FIDELITY = b"""\xef\xbb\xbf

Run Date,Action,Symbol,Description,Type,Quantity,Price ($),Commission ($),Fees ($),Accrued Interest ($),Amount ($),Settlement Date
 02/04/2013, YOU BOUGHT APPLE INC (AAPL) (Cash), AAPL, APPLE INC,Cash,10,425.5,4.95,0.02,,-4259.97,02/07/2013
 02/05/2013, DIVIDEND RECEIVED INTL BUSINESS MACHS (IBM) (Cash), IBM, INTL BUSINESS,Cash,0,,,,,85,
 02/06/2013, Electronic Funds Transfer Received (Cash), , No Description,Cash,0,,,,,1000,
 02/08/2013, YOU SOLD APPLE INC (AAPL) (Cash), AAPL, APPLE INC,Cash,-4,431,4.95,0.03,,1719.02,02/13/2013


"The data and information in this spreadsheet is provided to you solely for your use."
Date downloaded 05/01/2013 10:00 am
"""

DEGIRO = (
    "Date,Time,Product,ISIN,Reference exchange,Venue,Quantity,Price,,Local value,,Value,,Exchange rate,"
    "Transaction and/or third party fees,,Total,,Order ID\n"
    '04-02-2013,15:31,APPLE INC,US0378331005,NDQ,XNAS,10,"425,5000",USD,"-4255,00",USD,"-3273,08",EUR,"1,3000",'
    '"-2,00",EUR,"-3275,08",EUR,aa-1\n'
    '08-02-2013,15:45,APPLE INC,US0378331005,NDQ,XNAS,-4,"431,0000",USD,"1724,00",USD,"1326,15",EUR,"1,3000",'
    '"-2,00",EUR,"1324,15",EUR,aa-2\n'
).encode()

IB_ACTIVITY = b"""Statement,Header,Field Name,Field Value
Statement,Data,BrokerName,Interactive Brokers
Trades,Header,DataDiscriminator,Asset Category,Currency,Symbol,Date/Time,Quantity,T. Price,C. Price,Proceeds,Comm/Fee,Basis,Realized P/L,MTM P/L,Code
Trades,Data,Order,Stocks,USD,AAPL,"2013-02-04, 10:15:30","1,000",425.5,426,-425500,-5.25,425505.25,0,500,O
Trades,Data,Trade,Stocks,USD,AAPL,"2013-02-04, 10:15:30","1,000",425.5,426,-425500,-5.25,425505.25,0,500,O
Trades,Data,Order,Stocks,USD,AAPL,"2013-02-08, 11:00:00",-400,431,430,172400,-3.1,-170202.1,2194.8,400,C
Trades,SubTotal,,Stocks,USD,AAPL,,600,,,-253100,-8.35,255303.15,2194.8,900,
Dividends,Header,Currency,Date,Description,Amount
Dividends,Data,USD,2013-02-05,IBM Cash Dividend,85
"""

IB_HISTORY = b"""Statement,Header,Field Name,Field Value
Transaction History,Header,Date,Account,Description,Transaction Type,Symbol,Quantity,Price,Price Currency,Gross Amount ,Commission,Net Amount
Transaction History,Data,2013-02-04,U***1,APPLE INC,Buy,AAPL,10.0,425.5,USD,-4255.0,-1.0,-4256.0
Transaction History,Data,2013-02-05,U***1,IBM Cash Dividend,Dividend,IBM,-,-,-,85.0,-,85.0
Transaction History,Data,2013-02-06,U***1,Electronic Fund Transfer,Deposit,-,-,-,-,1000.0,-,1000.0
"""

IB_FLEX = b""""ClientAccountID","CurrencyPrimary","Symbol","ISIN","TradeDate","Quantity","TradePrice","IBCommission","IBCommissionCurrency","Buy/Sell","TransactionID"
"U1","USD","AAPL","US0378331005","20130204","10","425.5","-1","USD","BUY","77001"
"U1","USD","AAPL","US0378331005","20130208","-4","431","-1","USD","SELL","77002"
"""
