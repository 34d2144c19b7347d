import { Field, Int, ObjectType, registerEnumType } from '@nestjs/graphql';

export enum Product {
  BOOK = 'BOOK',
  LAMP = 'LAMP',
  TEA = 'TEA',
}

registerEnumType(Product, { name: 'Product' });

@ObjectType()
export class CartItem {
  @Field(() => Product)
  product!: Product;

  @Field(() => Int)
  quantity!: number;
}
