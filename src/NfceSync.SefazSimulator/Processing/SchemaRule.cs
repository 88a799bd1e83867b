using System;
using System.IO;
using System.Text;
using System.Xml;
using System.Xml.Schema;

namespace NfceSync.SefazSimulator;

/// <summary>Rule D01 with the official schema, where a folder with it is given.</summary>
internal sealed class SchemaRule
{
    private readonly XmlReaderSettings _settings;

    public SchemaRule(string folder)
    {
        var schemas = new XmlSchemaSet { XmlResolver = new XmlUrlResolver() };
        schemas.Add(null, Path.Combine(folder, "enviNFe_v4.00.xsd"));
        schemas.Compile();
        _settings = new XmlReaderSettings { Schemas = schemas, ValidationType = ValidationType.Schema, DtdProcessing = DtdProcessing.Prohibit };
    }

    public bool IsValid(ReadOnlyMemory<byte> enviNFe)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(Encoding.UTF8.GetString(enviNFe.Span)), _settings);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (XmlSchemaException)
        {
            return false;
        }
    }
}
