// Reads an RSS feed from standard input as feedsmith's users do and prints what it understood as JSON.
import { readFileSync } from 'node:fs'
import { parseRssFeed } from 'feedsmith'

console.log(JSON.stringify(parseRssFeed(readFileSync(0, 'utf8'))))
